import { describe, expect, it } from 'vitest'
import { bodyOf, codeOf, combinations, emptyDraft, generate, missing, nameCodes, type Draft, type PriceList } from './draft'

const list = { id: 'lst_1', code: 'retail', currency: 'CNY' } as unknown as PriceList

function withOptions(): Draft {
  const draft = emptyDraft()
  draft.code = 'cup'
  draft.options = [
    { code: '', names: { zh: '颜色', en: 'Colour' }, values: [{ code: '', names: { zh: '红', en: 'Red' } }, { code: '', names: { zh: '蓝', en: 'Blue' } }] },
    { code: '', names: { zh: '规格', en: 'Size' }, values: [{ code: '', names: { zh: '大', en: 'L' } }, { code: '', names: { zh: '小', en: 'S' } }] },
  ]
  return draft
}

describe('codes', () => {
  it('come of the English name, else of the Chinese one, and never twice', () => {
    expect(codeOf({ en: ' Café au lait!', zh: '奶咖' })).toBe('cafe-au-lait')
    expect(codeOf({ zh: '奶咖' })).toBe('奶咖')
    const options = [{ code: '', names: { en: 'Size' }, values: [] }, { code: '', names: { en: 'size' }, values: [] }]
    nameCodes(options)
    expect(options.map((one) => one.code)).toEqual(['size', 'size-2'])
  })
  it('stay once given, since SKUs choose by them', () => {
    const options = [{ code: 'colour', names: { en: 'Shade' }, values: [] }]
    nameCodes(options)
    expect(options[0]?.code).toBe('colour')
  })
})

describe('generate', () => {
  it('makes what is missing and takes over what is alike', () => {
    const draft = withOptions()
    draft.skus[0]!.weight = '250'
    draft.skus[0]!.prices = { lst_1: { amount: '19.90', compare: '' } }
    expect(generate(draft)).toBe(3)
    expect(draft.skus.map((sku) => sku.values)).toEqual(combinations(draft.options))
    expect(draft.skus.map((sku) => [sku.weight, sku.prices.lst_1?.amount])).toEqual(Array(4).fill(['250', '19.90']))
    expect(missing(draft)).toEqual([])
    expect(generate(draft)).toBe(0)
  })
  it('gives each SKU prices of its own', () => {
    const draft = withOptions()
    draft.skus[0]!.prices = { lst_1: { amount: '1', compare: '' } }
    generate(draft)
    draft.skus[1]!.prices.lst_1!.amount = '2'
    expect(draft.skus[2]!.prices.lst_1!.amount).toBe('1')
  })
})

describe('bodyOf', () => {
  it('sends what cannot be read as what the server refuses', () => {
    const draft = emptyDraft()
    Object.assign(draft.skus[0]!, { weight: '1.5', size: ['10', '', 'x'], prices: { lst_1: { amount: '1,2,3', compare: '' } } })
    const sku = bodyOf(draft, null, [list], true).skus[0]!
    expect([sku.weight_g, sku.size_mm, sku.prices?.[0]?.amount]).toEqual([-1, [10, -1, -1], -1])
  })
  it('sends amounts in minor units, and only those that changed', () => {
    const draft = emptyDraft()
    Object.assign(draft.skus[0]!, { id: 'sku_1', size: [' 10', '20', '30 '], prices: { lst_1: { amount: '19.9', compare: '25' } } })
    const before = JSON.parse(JSON.stringify(draft)) as Draft
    expect(bodyOf(draft, before, [list], true).skus[0]!.prices).toEqual([])
    draft.skus[0]!.prices.lst_1!.amount = '18'
    const sku = bodyOf(draft, before, [list], true).skus[0]!
    expect(sku.prices).toEqual([{ list_id: 'lst_1', amount: 1800, compare_at: 2500 }])
    expect(sku.size_mm).toEqual([10, 20, 30])
    expect(bodyOf(draft, before, [list], false).skus[0]!.prices).toEqual([])
  })
  it('leaves out a language nobody wrote in', () => {
    const draft = emptyDraft()
    draft.texts.zh.title = '杯'
    expect(Object.keys(bodyOf(draft, null, [], false).texts)).toEqual(['zh'])
  })
})
