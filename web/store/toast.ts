import { one } from './dom'

const STAYS_MS = 6000

/** Notices go by themselves, but never while somebody reads or reaches for them. */
export function toasts(): void {
  const place = one('#toasts')
  if (!place) return
  new MutationObserver((changes) => {
    for (const change of changes) {
      change.addedNodes.forEach((node) => node instanceof HTMLElement && node.matches('.toast') && leave(node))
    }
  }).observe(place, { childList: true })
}

export function say(text: string): void {
  one('#toasts')?.replaceChildren(Object.assign(document.createElement('div'), { className: 'toast', textContent: text }))
}

function leave(toast: HTMLElement): void {
  const tick = (): void => {
    if (toast.matches(':hover, :focus-within')) setTimeout(tick, 1000)
    else toast.remove()
  }
  setTimeout(tick, STAYS_MS)
}
