import { describe, expect, it } from 'vitest'
import { changeOf, figuresOf, type Overview } from './figures'

const window = (key: string, orders: number, conversion: number | null, gmv: number) => ({
  key, since: '', until: '', orders, paid: 0, conversion, units: 0, late: 0, gmv: gmv ? [{ currency: 'USD', amount: 5 }, { currency: 'CNY', amount: gmv }] : [], refunds: [],
})
const overview: Overview = { at: '', currency: 'CNY', hours: [], days: [], windows: [window('today', 12, 0.5, 3000), window('yesterday', 8, 0.25, 0), window('last_week', 0, null, 1500)] }

describe('figuresOf', () => {
  const found = Object.fromEntries(figuresOf(overview).map((one) => [one.key, one]))
  it('takes money in the main currency, nought where there is none', () => {
    expect(found.gmv).toMatchObject({ today: 3000, yesterday: 0, lastWeek: 1500 })
  })
  it('compares counts as shares, shares as points, and nothing with nothing', () => {
    expect(changeOf(found.orders!, 8)).toBe(0.5)
    expect(changeOf(found.orders!, 0)).toBeNull()
    expect(changeOf(found.conversion!, 0.25)).toBe(0.25)
    expect(changeOf(found.conversion!, null)).toBeNull()
  })
})
