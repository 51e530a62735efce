import { onBeforeUnmount, onMounted } from 'vue'
import { useRouter } from 'vue-router'
import { openPalette, paletteOpen } from './palette'
import { openShortcuts } from './shortcuts'
import { useSession } from './session'

/** "g" and a letter go to a page. */
export const GO: Record<string, string> = { h: '/', o: '/orders', p: '/parcels', g: '/goods', s: '/stock', r: '/returns', c: '/customers' }
const PATIENCE_MS = 1200

/** The console's own keys; while somebody types, or a dialog is open, they are letters. */
export function useKeys(): void {
  const router = useRouter()
  const session = useSession()
  let going = 0

  function onKey(event: KeyboardEvent) {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
      event.preventDefault()
      if (!document.querySelector('dialog[open]') || paletteOpen.value) openPalette()
      return
    }
    const target = event.target as HTMLElement
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (target.matches('input:not([type=checkbox]), textarea, select, [contenteditable]') || document.querySelector('dialog[open]')) return
    if (going && Date.now() - going < PATIENCE_MS) {
      going = 0
      const to = GO[event.key]
      const found = to ? router.resolve(to) : null
      if (to && found && found.name !== 'lost' && session.may(found.meta.permission)) {
        event.preventDefault()
        void router.push(to)
      }
      return
    }
    if (event.key === 'g') going = Date.now()
    else if (event.key === '?') openShortcuts()
    else if (event.key === '/') {
      const field = document.querySelector<HTMLInputElement>('[data-search]')
      if (field) {
        event.preventDefault()
        field.focus()
        field.select()
      }
    }
  }

  onMounted(() => document.addEventListener('keydown', onKey))
  onBeforeUnmount(() => document.removeEventListener('keydown', onKey))
}
