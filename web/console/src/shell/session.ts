import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api, ask, carried, type Schemas } from '@/api/client'

export type Me = Schemas['Me']

/** Who works here: `known` is false until the server has been asked once. */
export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null)
  const known = ref(false)
  const permissions = computed(() => new Set(me.value?.permissions ?? []))

  function take(found: Me | null): void {
    me.value = found
    known.value = true
    carried.csrf = found?.csrf ?? ''
  }

  async function find(): Promise<Me | null> {
    if (known.value) return me.value
    take((await ask(api.GET('/console/v1/session'))).me ?? null)
    return me.value
  }

  async function signIn(email: string, password: string): Promise<void> {
    take(await ask(api.POST('/console/v1/session', { body: { email, password } })))
  }

  async function signOut(): Promise<void> {
    await ask(api.DELETE('/console/v1/session'))
    take(null)
  }

  /** Several permissions may be named with `|` between them: one of them is enough. */
  function may(permission: string | undefined): boolean {
    return !permission || permission.split('|').some((one) => permissions.value.has(one))
  }

  return { me, known, permissions, find, signIn, signOut, may, forget: () => take(null) }
})
