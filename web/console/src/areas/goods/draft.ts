import type { Schemas } from '@/api/client'
import { majorText, minorUnits } from '@/kit/format'

export type Names = Record<string, string>
export const LANGS = ['zh', 'en'] as const
export type TextLang = (typeof LANGS)[number]

export interface ValueDraft {
  /** What the server knows it by; "" until somebody names it. */
  code: string
  names: Names
}
export interface OptionDraft extends ValueDraft {
  values: ValueDraft[]
}
export interface MediaDraft {
  media_id: string
  alt: Names
  kind: 'image' | 'model3d'
}
export interface TextDraft {
  title: string
  subtitle: string
  description: string
}
/** Amounts as they are typed, in major units. */
export interface PriceDraft {
  amount: string
  compare: string
}
export interface SkuDraft {
  key: string
  id: string | null
  code: string
  values: Record<string, string>
  barcode: string
  weight: string
  size: [string, string, string]
  media: string | null
  /** By price list. */
  prices: Record<string, PriceDraft>
}
export interface Draft {
  code: string
  slug: string
  category: string
  brand: string
  texts: Record<TextLang, TextDraft>
  attributes: Record<string, unknown>
  options: OptionDraft[]
  media: MediaDraft[]
  skus: SkuDraft[]
}

export type Screen = Schemas['ProductScreen']
export type PriceList = Schemas['PriceList']
type Body = Schemas['GoodsIn']

let serial = 0
const nextKey = () => `new-${++serial}`
const emptyText = (): TextDraft => ({ title: '', subtitle: '', description: '' })

export function emptyDraft(): Draft {
  return {
    code: '', slug: '', category: '', brand: '', texts: { zh: emptyText(), en: emptyText() }, attributes: {}, options: [], media: [],
    skus: [emptySku({})],
  }
}

export function emptySku(values: Record<string, string>): SkuDraft {
  return { key: nextKey(), id: null, code: '', values, barcode: '', weight: '', size: ['', '', ''], media: null, prices: {} }
}

/** What the server told of a product, as it is edited. `copy` leaves out what belongs to this one alone. */
export function draftOf(screen: Screen, copy = false): Draft {
  const { product, prices, lists } = screen
  const currency = new Map(lists.map((list) => [list.id, list.currency]))
  return {
    code: copy ? '' : product.code,
    slug: copy ? '' : product.slug,
    category: product.category_id,
    brand: product.brand_id ?? '',
    texts: { zh: { ...emptyText(), ...product.texts.zh }, en: { ...emptyText(), ...product.texts.en } },
    attributes: JSON.parse(JSON.stringify(product.attributes)) as Record<string, unknown>,
    options: product.options.map((option) => ({ code: option.code, names: { ...option.names }, values: option.values.map((value) => ({ code: value.code, names: { ...value.names } })) })),
    media: product.media.map((one) => ({ media_id: one.media_id, alt: { ...one.alt }, kind: one.kind ?? 'image' })),
    skus: product.skus
      .filter((sku) => sku.status === 'active')
      .map((sku) => ({
        key: copy ? nextKey() : sku.id,
        id: copy ? null : sku.id,
        code: copy ? '' : sku.code,
        values: { ...sku.option_values },
        barcode: copy ? '' : (sku.barcode ?? ''),
        weight: sku.weight_g ? String(sku.weight_g) : '',
        size: sku.size_mm ? [String(sku.size_mm[0]), String(sku.size_mm[1]), String(sku.size_mm[2])] : ['', '', ''],
        media: sku.media_id ?? null,
        prices: Object.fromEntries(
          prices
            .filter((price) => price.sku_id === sku.id)
            .map((price) => {
              const of = currency.get(price.list_id) ?? 'CNY'
              return [price.list_id, { amount: majorText(price.amount, of), compare: price.compare_at == null ? '' : majorText(price.compare_at, of) }]
            }),
        ),
      })),
  }
}

/** The prices that somebody changed: what is as it was needs no new price. */
function priceWishes(sku: SkuDraft, before: SkuDraft | undefined, lists: readonly PriceList[]) {
  return lists.flatMap((list) => {
    const now = sku.prices[list.id]
    const was = before?.prices[list.id]
    if (!now?.amount.trim() || (was && was.amount === now.amount && was.compare === now.compare)) return []
    return [{ list_id: list.id, amount: minorUnits(now.amount, list.currency) ?? -1, compare_at: now.compare.trim() ? (minorUnits(now.compare, list.currency) ?? -1) : null }]
  })
}

const whole = (text: string) => (/^\s*\d+\s*$/.test(text) ? Number(text) : -1)

/** What is sent; a language without a title is left out, an amount that cannot be read becomes one the server refuses. */
export function bodyOf(draft: Draft, before: Draft | null, lists: readonly PriceList[], mayPrice: boolean): Body {
  const texts = Object.fromEntries(LANGS.filter((lang) => Object.values(draft.texts[lang]).some((text) => text.trim())).map((lang) => [lang, draft.texts[lang]]))
  return {
    code: draft.code.trim(),
    slug: draft.slug.trim() || null,
    category_id: draft.category,
    brand_id: draft.brand || null,
    texts,
    attributes: draft.attributes,
    options: draft.options.map((option) => ({ code: option.code, names: filled(option.names), values: option.values.map((value) => ({ code: value.code, names: filled(value.names) })) })),
    media: draft.media.map((one) => ({ media_id: one.media_id, alt: filled(one.alt), kind: one.kind })),
    skus: draft.skus.map((sku) => ({
      id: sku.id,
      code: sku.code.trim(),
      option_values: sku.values,
      barcode: sku.barcode.trim() || null,
      weight_g: sku.weight.trim() ? whole(sku.weight) : 0,
      size_mm: sku.size.every((side) => !side.trim()) ? null : (sku.size.map((side) => whole(side)) as [number, number, number]),
      media_id: sku.media,
      prices: mayPrice ? priceWishes(sku, before?.skus.find((one) => one.id && one.id === sku.id), lists) : [],
    })),
  }
}

function filled(names: Names): Names {
  return Object.fromEntries(Object.entries(names).filter(([, name]) => name.trim()).map(([lang, name]) => [lang, name.trim()]))
}

/** A code out of a name: small letters and digits for English, the name itself for Chinese. */
export function codeOf(names: Names): string {
  const plain = (names.en ?? '').normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '')
  return plain || (names.zh ?? '').trim()
}

/** Give codes to options and values that were named since; what has one keeps it, since SKUs choose by it. */
export function nameCodes(options: OptionDraft[]): void {
  const free = (wanted: string, taken: string[]) => {
    let code = wanted
    for (let n = 2; taken.includes(code); n++) code = `${wanted}-${n}`
    return code
  }
  for (const option of options) {
    if (!option.code) option.code = free(codeOf(option.names), options.map((one) => one.code))
    for (const value of option.values) if (!value.code) value.code = free(codeOf(value.names), option.values.map((one) => one.code))
  }
}

/** Every combination of the options' values, the last option turning fastest. */
export function combinations(options: readonly OptionDraft[]): Record<string, string>[] {
  return options
    .filter((option) => option.code && option.values.some((value) => value.code))
    .reduce<Record<string, string>[]>(
      (rows, option) => rows.flatMap((row) => option.values.filter((value) => value.code).map((value) => ({ ...row, [option.code]: value.code }))),
      [{}],
    )
}

const same = (one: Record<string, string>, other: Record<string, string>) =>
  Object.keys({ ...one, ...other }).every((key) => one[key] === other[key])

/** The combinations that no SKU stands for yet. */
export function missing(draft: Draft): Record<string, string>[] {
  return combinations(draft.options).filter((values) => !draft.skus.some((sku) => same(sku.values, values)))
}

/** The SKU's code as the shop would write it: the product's, then each choice. */
export function skuCode(draft: Draft, values: Record<string, string>): string {
  const parts = [draft.code.trim(), ...draft.options.map((option) => values[option.code]).filter(Boolean)]
  return parts.join('-').toUpperCase().slice(0, 120)
}

/**
 * Make the SKUs that are missing. What is filled in alike everywhere is taken over; a SKU without a choice, from before there
 * were options, takes the first combination instead of being thrown away.
 */
export function generate(draft: Draft): number {
  nameCodes(draft.options)
  const codes = draft.options.map((option) => option.code)
  const all = combinations(draft.options)
  for (const sku of draft.skus) {
    const kept = Object.fromEntries(Object.entries(sku.values).filter(([code]) => codes.includes(code)))
    const fitting = all.find((values) => Object.entries(kept).every(([code, value]) => values[code] === value) && !draft.skus.some((other) => other !== sku && same(other.values, values)))
    if (fitting && codes.some((code) => !kept[code])) sku.values = { ...fitting }
  }
  const alike = <T>(pick: (sku: SkuDraft) => T): T | undefined => {
    const [first, ...rest] = draft.skus.map(pick)
    return first !== undefined && rest.every((one) => JSON.stringify(one) === JSON.stringify(first)) ? first : undefined
  }
  const weight = alike((sku) => sku.weight)
  const prices = alike((sku) => sku.prices)
  const added = missing(draft).map((values) => ({ ...emptySku(values), weight: weight ?? '', prices: prices ? (JSON.parse(JSON.stringify(prices)) as SkuDraft['prices']) : {} }))
  draft.skus = [...draft.skus, ...added]
  const place = (sku: SkuDraft) => all.findIndex((values) => same(values, sku.values))
  draft.skus.sort((one, other) => place(one) - place(other))
  for (const sku of draft.skus) if (!sku.code.trim() && draft.code.trim()) sku.code = skuCode(draft, sku.values)
  return added.length
}

/** How much of what can be said is said in a language, as a share. */
export function coverage(draft: Draft, lang: TextLang): number {
  const text = draft.texts[lang]
  const said = [text.title, text.subtitle, text.description, ...draft.media.map((one) => one.alt[lang] ?? ''), ...draft.options.flatMap((option) => [option.names[lang] ?? '', ...option.values.map((value) => value.names[lang] ?? '')])]
  return said.filter((one) => one.trim()).length / said.length
}

export function nameIn(names: Names | null | undefined, lang: string): string {
  if (!names) return ''
  return names[lang] || names.en || names.zh || Object.values(names)[0] || ''
}
