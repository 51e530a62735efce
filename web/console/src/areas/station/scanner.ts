import { onScopeDispose } from 'vue'

const PAUSE_MS = 400
const FAST_MS = 60
const LEAST = 3

/**
 * A scanner is a keyboard that types a code faster than any person and ends it with Enter. It is heard wherever the focus
 * is; a field that happened to have the focus gets back what stood in it. In a field the pace tells a scanner from a
 * person; elsewhere nobody types, and a slow machine may take its time.
 */
export function useScanner(hear: (code: string) => void): void {
  let buffer = ''
  let first = 0
  let last = -Infinity
  let field: HTMLInputElement | HTMLTextAreaElement | null = null
  let before = ''

  function onKey(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const now = event.timeStamp
    const typed = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement ? event.target : null
    if (event.key === 'Enter') {
      const code = buffer.trim()
      const fast = (last - first) / Math.max(1, buffer.length - 1) <= FAST_MS
      buffer = ''
      if (code.length < LEAST || (typed && !fast)) return
      event.preventDefault()
      event.stopImmediatePropagation()
      if (field) {
        field.value = before
        field.dispatchEvent(new Event('input', { bubbles: true }))
      }
      hear(code)
    } else if (event.key.length === 1) {
      if (!buffer || now - last > (typed ? PAUSE_MS : 4 * PAUSE_MS)) {
        buffer = ''
        first = now
        field = typed
        before = typed?.value ?? ''
      }
      buffer += event.key
      last = now
      if (!typed) {
        // No shortcut of the page, and no button under the focus, may take a part of a code for its own.
        event.stopImmediatePropagation()
        if (event.key === ' ' && buffer.length > 1) event.preventDefault()
      }
    }
  }
  window.addEventListener('keydown', onKey, true)
  onScopeDispose(() => window.removeEventListener('keydown', onKey, true))
}
