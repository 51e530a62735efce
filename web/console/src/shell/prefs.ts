import { ref, watchEffect } from 'vue'

export type Theme = 'auto' | 'light' | 'dark'
export const THEMES: readonly Theme[] = ['auto', 'light', 'dark']

const YEAR = 365 * 24 * 3600
const night = window.matchMedia('(prefers-color-scheme: dark)')
const nightNow = ref(night.matches)
night.addEventListener('change', (event) => {
  nightNow.value = event.matches
})

export const theme = ref<Theme>((document.documentElement.dataset.theme as Theme | undefined) ?? 'auto')
/** Whether it is dark right now, by choice or by the system. */
export const dark = ref(false)
export const narrowNav = ref(read('nav') === 'narrow')

watchEffect(() => {
  dark.value = theme.value === 'dark' || (theme.value === 'auto' && nightNow.value)
  document.documentElement.dataset.theme = theme.value
  document.documentElement.classList.toggle('dark', dark.value)
})
watchEffect(() => keep('nav', narrowNav.value ? 'narrow' : 'wide'))

/** A cookie, so that the server already draws the first frame in it. */
export function setTheme(wanted: Theme): void {
  theme.value = wanted
  document.cookie = `daji_console_theme=${wanted}; Path=/console; Max-Age=${YEAR}; SameSite=Lax`
}

export function read(name: string): string | null {
  try {
    return localStorage.getItem(`daji.console.${name}`)
  } catch {
    return null
  }
}

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`daji.console.${name}`, value)
  } catch {
    // A browser that keeps nothing still works; it only forgets.
  }
}
