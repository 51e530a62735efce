import { describe, expect, it } from 'vitest'
import type { Schemas } from '@/api/client'
import { spentBy, storyOf } from './story'

const customer = {
  orders: [
    { trade_id: 'trd_1', number: 'D1', placed_at: '2026-03-01T08:00:00Z', status: 'confirmed', due: 900, captured: 900, refunded: 200, currency: 'CNY' },
    { trade_id: 'trd_2', number: 'D2', placed_at: '2026-03-04T08:00:00Z', status: 'placed', due: 500, captured: 0, refunded: 0, currency: 'USD' },
  ],
  payments: [{ trade_id: 'trd_1', number: 'D1', method: 'wallet', amount: 900, currency: 'CNY', status: 'captured', created_at: '2026-03-01T08:01:00Z' }],
  cases: [{ case_id: 'cas_1', number: 'D1-1', kind: 'return', status: 'refunded', amount: 200, currency: 'CNY', requested_at: '2026-03-03T08:00:00Z' }],
  reviews: [{ score: 5, title: '', text: 'good', status: 'shown', posted_at: '2026-03-02T08:00:00Z' }],
} as unknown as Schemas['Customer']

describe('the story of a customer', () => {
  it('tells everything in one order of time, the last first', () => {
    expect(storyOf(customer).map((one) => one.kind)).toEqual(['order', 'case', 'review', 'payment', 'order'])
  })
  it('sums what stayed with the shop in each currency', () => {
    expect(spentBy(customer)).toEqual([{ amount: 700, currency: 'CNY' }])
  })
})
