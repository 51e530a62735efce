import { reactive } from 'vue'

export interface Toast {
  id: number
  text: string
  tone: 'plain' | 'bad'
  action?: { label: string; run: () => void }
}

export const toasts = reactive<Toast[]>([])
const STAYS_MS = 6000
let serial = 0

/** Say something in passing; it leaves by itself, later when there is something to press. Returns what removes it. */
export function toast(given: { text: string; tone?: 'plain' | 'bad'; action?: Toast['action']; ms?: number }): () => void {
  const id = ++serial
  toasts.push({ id, text: given.text, tone: given.tone ?? 'plain', action: given.action })
  const close = () => {
    const at = toasts.findIndex((one) => one.id === id)
    if (at >= 0) toasts.splice(at, 1)
  }
  setTimeout(close, given.ms ?? STAYS_MS)
  return close
}
