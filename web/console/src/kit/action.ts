import { ref, shallowRef } from 'vue'
import { newKey, Problem, toProblem } from '@/api/client'

/**
 * A deed that is done once: `run` refuses a second start while one is under way, keeps the idempotency key of an
 * attempt whose outcome is unknown, and holds what went wrong. Answers undefined when it was refused.
 */
export function useAction<Args extends unknown[], T>(act: (key: string, ...args: Args) => Promise<T>) {
  const busy = ref(false)
  const problem = shallowRef<Problem | null>(null)
  let key = newKey()
  let sent = ''

  async function run(...args: Args): Promise<T | undefined> {
    if (busy.value) return undefined
    const intent = JSON.stringify(args)
    if (intent !== sent) key = newKey()
    sent = intent
    busy.value = true
    problem.value = null
    try {
      const done = await act(key, ...args)
      sent = ''
      return done
    } catch (error) {
      problem.value = toProblem(error)
      if (!problem.value.again) sent = ''
      return undefined
    } finally {
      busy.value = false
    }
  }

  return { run, busy, problem, clear: () => (problem.value = null) }
}
