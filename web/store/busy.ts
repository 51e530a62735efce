import { all } from './dom'

/** Every press shows at once: a form is sent once, its button turns until the answer comes. */
export function keepBusy(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement
    if (form.dataset.sent !== undefined) return event.preventDefault()
    const button = (event as SubmitEvent).submitter ?? form.querySelector('button')
    button?.setAttribute('aria-busy', 'true')
    if (form.method === 'post') form.dataset.sent = ''
    if (form.hasAttribute('data-async')) return
    // A download or a page that never comes must not lock the form for ever.
    setTimeout(() => release(form), 15000)
  })
  document.addEventListener('htmx:finally:request', (event) => {
    const form = (event.target as Element).closest?.('form')
    if (form) release(form)
  })
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) all<HTMLFormElement>('form').forEach(release)
  })
}

export function release(form: HTMLFormElement): void {
  delete form.dataset.sent
  all('[aria-busy]', form).forEach((button) => button.removeAttribute('aria-busy'))
  if (form.id) all(`[form="${form.id}"][aria-busy]`).forEach((button) => button.removeAttribute('aria-busy'))
}
