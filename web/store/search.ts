import { all, one, word } from './dom'
import { say } from './toast'

const KEY = 'daji-recent'
const MOST = 8

/** Suggestions come from the server into a list under the field; keys move through them (WAI-ARIA combobox). */
export function search(): void {
  const field = one<HTMLInputElement>('[data-suggest]')
  const list = one('#suggest')
  if (!field || !list) return
  field.setAttribute('role', 'combobox')
  field.setAttribute('aria-autocomplete', 'list')
  field.setAttribute('aria-controls', 'suggest')
  const options = (): HTMLElement[] => all('[role=option]', list)
  const open = (on: boolean): void => {
    list.hidden = !on || !options().length
    field.setAttribute('aria-expanded', String(!list.hidden))
    if (list.hidden) mark(null)
  }
  const mark = (option: HTMLElement | null): void => {
    options().forEach((each) => each.setAttribute('aria-selected', String(each === option)))
    if (option) field.setAttribute('aria-activedescendant', option.id)
    else field.removeAttribute('aria-activedescendant')
    option?.scrollIntoView({ block: 'nearest' })
  }
  // An answer that was on its way when the list was put away does not bring it back.
  let away = false
  field.setAttribute('aria-expanded', 'false')
  field.addEventListener('focus', () => {
    away = false
    if (field.value.trim()) return open(true)
    recent(list)
    open(true)
    if (!list.childElementCount) field.dispatchEvent(new Event('suggest'))
  })
  field.addEventListener('input', () => {
    away = false
    if (!field.value.trim()) recent(list)
  })
  document.addEventListener('htmx:after:swap', () => {
    if (document.activeElement === field && !away) open(true)
  })
  field.addEventListener('keydown', (event) => {
    const found = options()
    const at = found.findIndex((each) => each.getAttribute('aria-selected') === 'true')
    if (event.key === 'Escape' && !list.hidden) {
      event.preventDefault()
      away = true
      open(false)
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && found.length) {
      event.preventDefault()
      away = false
      if (list.hidden) open(true)
      const step = event.key === 'ArrowDown' ? 1 : -1
      const next = at + step
      mark(next < 0 || next >= found.length ? null : (found[next] ?? null))
      if (at < 0 && step < 0) mark(found.at(-1) ?? null)
    } else if (event.key === 'Enter' && at >= 0 && !list.hidden) {
      event.preventDefault()
      found[at]?.click()
    }
  })
  field.form?.addEventListener('submit', () => remember(field.value))
  field.form?.addEventListener('focusout', (event) => {
    if (!field.form!.contains(event.relatedTarget as Node | null)) setTimeout(() => open(false), 120)
  })
  voice(field)
}

const read = (): string[] => {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter((each): each is string => typeof each === 'string') : []
  } catch {
    return []
  }
}

function remember(text: string): void {
  const asked = text.trim().slice(0, 60)
  if (!asked) return
  try {
    localStorage.setItem(KEY, JSON.stringify([asked, ...read().filter((each) => each !== asked)].slice(0, MOST)))
  } catch {
    // A browser that keeps nothing keeps no searches either.
  }
}

/** What was looked for on this device; it stays on this device. */
function recent(list: HTMLElement): void {
  const kept = read()
  list.replaceChildren()
  if (!kept.length) return
  const base = document.body.dataset.base ?? ''
  const group = Object.assign(document.createElement('div'), { role: 'group' })
  group.setAttribute('role', 'group')
  group.setAttribute('aria-label', word(list, 'recent'))
  const head = Object.assign(document.createElement('p'), { className: 'suggest-head', textContent: word(list, 'recent') })
  head.setAttribute('aria-hidden', 'true')
  group.append(head)
  kept.forEach((text, n) => {
    const option = Object.assign(document.createElement('a'), { id: `sr${n}`, tabIndex: -1, textContent: text, href: `${base}/search?q=${encodeURIComponent(text)}` })
    option.setAttribute('role', 'option')
    group.append(option)
  })
  const clear = Object.assign(document.createElement('a'), { id: 'sr-clear', tabIndex: -1, textContent: word(list, 'clear'), href: '#q', className: 'muted small' })
  clear.setAttribute('role', 'option')
  clear.addEventListener('click', (event) => {
    event.preventDefault()
    localStorage.removeItem(KEY)
    list.replaceChildren()
    list.hidden = true
  })
  group.append(clear)
  list.append(group)
}

type Heard = { results: { 0: { 0: { transcript: string } } } }
type Ear = { lang: string; onresult: (event: Heard) => void; onerror: () => void; onend: () => void; start(): void; stop(): void }

/** A search said aloud, where the browser can listen. */
function voice(field: HTMLInputElement): void {
  const button = one<HTMLButtonElement>('[data-voice]')
  const known = window as unknown as Record<string, new () => Ear>
  const Listener = known.SpeechRecognition ?? known.webkitSpeechRecognition
  if (!button || !Listener) return
  button.hidden = false
  let ear: Ear | null = null
  button.addEventListener('click', () => {
    if (ear) return ear.stop()
    ear = new Listener()
    ear.lang = document.documentElement.lang
    ear.onresult = (event) => {
      field.value = event.results[0][0].transcript.replace(/[。．.]$/, '')
      field.form?.requestSubmit()
    }
    ear.onerror = () => say(word(button, 'off'))
    ear.onend = () => {
      ear = null
      button.setAttribute('aria-pressed', 'false')
    }
    button.setAttribute('aria-pressed', 'true')
    say(word(button, 'on'))
    ear.start()
  })
}
