import { one } from './dom'

type Prompt = Event & { prompt(): Promise<void> }

/** The shop as an app: a worker that knows the offline page, and the browser's own offer to install. */
export function pwa(): void {
  if ('serviceWorker' in navigator && isSecureContext) {
    addEventListener('load', () => setTimeout(() => void navigator.serviceWorker.register('/sw.js').catch(() => undefined), 3000))
  }
  const place = one('[data-install]')
  addEventListener('beforeinstallprompt', (event) => {
    if (!place) return
    event.preventDefault()
    place.hidden = false
    one('[data-install-now]', place)?.addEventListener('click', () => void (event as Prompt).prompt(), { once: true })
  })
}
