import { api, ask, type Schemas } from '@/api/client'
import { nameIn } from './draft'

export type Category = Schemas['Category']
export type Brand = Schemas['Brand']

export const loadCategories = () => ask(api.GET('/console/v1/categories'))
/** The shop's own channel first: its prices are what people look for. */
const FIRST = 'web'
export async function loadPriceLists() {
  const found = await ask(api.GET('/console/v1/price-lists', { params: { query: {} } }))
  return [...found].sort((one, other) => Number(other.channel === FIRST) - Number(one.channel === FIRST))
}

/** All brands: shops have dozens, and a choice must hold them all. */
export async function loadBrands(): Promise<Brand[]> {
  const found: Brand[] = []
  let cursor: string | undefined
  do {
    const page = await ask(api.GET('/console/v1/brands', { params: { query: { cursor, limit: 100 } } }))
    found.push(...page.items)
    cursor = page.next_cursor ?? undefined
  } while (cursor)
  return found
}

/** The names on the way to a category: `Tea / Green tea`. */
export function trail(categories: readonly Category[], id: string, lang: string): string {
  const path = categories.find((one) => one.id === id)?.path ?? []
  return path.map((step) => nameIn(categories.find((one) => one.id === step)?.names, lang)).join(' / ')
}
