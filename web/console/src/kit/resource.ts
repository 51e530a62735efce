import { onScopeDispose, ref, shallowRef, watch, type WatchSource } from 'vue'
import { toProblem, type Problem } from '@/api/client'

/**
 * One thing the page shows: loaded at once and again whenever `when` changes. An answer that comes after a newer
 * question is dropped; while reloading the old value stays on the screen.
 */
export function useResource<T>(load: () => Promise<T>, when?: WatchSource | WatchSource[]) {
  const value = shallowRef<T | null>(null)
  const problem = shallowRef<Problem | null>(null)
  const loading = ref(false)
  let turn = 0

  async function reload(): Promise<void> {
    const mine = ++turn
    loading.value = true
    try {
      const found = await load()
      if (mine !== turn) return
      value.value = found
      problem.value = null
    } catch (error) {
      if (mine === turn) problem.value = toProblem(error)
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  if (when) watch(when, reload)
  void reload()
  onScopeDispose(() => turn++)
  return { value, problem, loading, reload }
}
