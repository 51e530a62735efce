import { readonly, ref, type Ref } from 'vue'

const small = window.matchMedia('(max-width: 719px)')
const phone = ref(small.matches)
small.addEventListener('change', (event) => {
  phone.value = event.matches
})

/** Whether the window is as wide as a phone. */
export function usePhone(): Readonly<Ref<boolean>> {
  return readonly(phone)
}
