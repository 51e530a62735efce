import type { Schemas } from '@/api/client'

type Customer = Schemas['Customer']
export type Sum = { amount: number; currency: string }

/** One thing that happened between a customer and the shop. */
export interface Happening {
  at: string
  kind: 'order' | 'payment' | 'case' | 'review'
  what: string
  sum?: Sum
  /** Where it is told in full, inside the console. */
  to?: string
  note?: string
  about?: Record<string, string> | null
  /** Family and code of the state it is in. */
  state: readonly [string, string]
}

/** Everything in one order of time, the last first. */
export function storyOf(found: Customer): Happening[] {
  const all: Happening[] = [
    ...found.orders.map((one) => ({ at: one.placed_at, kind: 'order' as const, what: one.number, sum: { amount: one.due, currency: one.currency }, to: `/orders/${one.trade_id}`, state: ['trade', one.status] as const })),
    ...found.payments.map((one) => ({ at: one.created_at, kind: 'payment' as const, what: one.method, sum: { amount: one.amount, currency: one.currency }, to: `/orders/${one.trade_id}`, note: one.number, state: ['tender', one.status] as const })),
    ...found.cases.map((one) => ({ at: one.requested_at, kind: 'case' as const, what: one.kind, sum: { amount: one.amount, currency: one.currency }, to: `/returns/${one.case_id}`, note: one.number, state: ['case', one.status] as const })),
    ...found.reviews.map((one) => ({ at: one.posted_at, kind: 'review' as const, about: one.titles, what: String(one.score), note: one.text || one.title, state: ['review', one.status] as const })),
  ]
  return all.sort((a, b) => b.at.localeCompare(a.at))
}

/** What was paid and stayed with the shop, in each currency. */
export function spentBy(found: Customer): Sum[] {
  const sums = new Map<string, number>()
  for (const one of found.orders) sums.set(one.currency, (sums.get(one.currency) ?? 0) + one.captured - one.refunded)
  return [...sums].filter(([, amount]) => amount !== 0).map(([currency, amount]) => ({ amount, currency }))
}
