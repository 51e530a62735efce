import { ref } from 'vue'

export const shortcutsOpen = ref(false)

export function openShortcuts(): void {
  shortcutsOpen.value = true
}
