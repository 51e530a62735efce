import { onScopeDispose } from 'vue'
import { useI18n } from 'vue-i18n'
import { Problem, toProblem } from '@/api/client'
import { toast } from './toasts'

export const UNDO_MS = 5000

/** One change: `apply` shows it at once, `commit` tells the server, `revert` shows things as they were. */
export interface Change {
  text: string
  apply: () => void
  commit: () => Promise<unknown>
  revert: () => void
}

interface Pending {
  timer: ReturnType<typeof setTimeout>
  send: () => void
}

/**
 * Change the screen now, the server a moment later: until then "undo" costs nothing. A page that is left sends what
 * waits. When the server refuses, the screen goes back and says why.
 */
export function useUndo(ms = UNDO_MS) {
  const { t } = useI18n()
  const pending = new Set<Pending>()

  function change(given: Change): void {
    given.apply()
    const waiting: Pending = { timer: setTimeout(() => waiting.send(), ms), send }
    pending.add(waiting)
    const close = toast({
      text: given.text,
      ms,
      action: {
        label: t('kit.undo'),
        run: () => {
          clearTimeout(waiting.timer)
          pending.delete(waiting)
          close()
          given.revert()
        },
      },
    })

    function send(): void {
      clearTimeout(waiting.timer)
      if (!pending.delete(waiting)) return
      close()
      given.commit().catch((error: unknown) => {
        given.revert()
        const problem = toProblem(error)
        toast({ text: sayProblem(problem, t), tone: 'bad', ms: 10_000 })
      })
    }
  }

  const flush = () => [...pending].forEach((one) => one.send())
  window.addEventListener('pagehide', flush)
  onScopeDispose(() => {
    window.removeEventListener('pagehide', flush)
    flush()
  })
  return { change, flush }
}

/** A problem in one sentence. */
export function sayProblem(problem: Problem, t: (key: string) => string): string {
  if (problem.code === 'offline') return t('kit.offline')
  return problem.fields[0]?.detail || problem.detail || problem.title || t('kit.broken')
}
