import { api, ask, type Schemas } from '@/api/client'
import { useResource } from '@/kit/resource'

export type Site = Schemas['Site']

/** The places that keep goods, for filters and forms. */
export function useSites() {
  return useResource(() => ask(api.GET('/console/v1/sites')))
}

/** A quantity somebody typed: a whole number other than nothing; null when it is none. */
export function pieces(text: string): number | null {
  return /^\s*[+-]?\d{1,9}\s*$/.test(text) && Number(text) !== 0 ? Number(text) : null
}
