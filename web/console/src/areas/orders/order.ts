import type { Schemas } from '@/api/client'

export type Screen = Schemas['OrderScreen']
export type Order = Screen['trade']['orders'][number]

/** Reasons staff may give; the server knows more, for what happened elsewhere. */
export const CANCEL_REASONS = ['buyer_request', 'changed_mind', 'ordered_by_mistake', 'wrong_address', 'out_of_stock', 'damaged', 'undeliverable', 'suspected_fraud', 'payment_problem', 'other'] as const

const ENDED = new Set(['completed', 'cancelled', 'expired'])
const LEFT = new Set(['shipped', 'delivered', 'failed', 'returned'])

/** Whether a row of the list may still be cancelled: not ended, and nothing of it has left. */
export function mayEnd(row: Schemas['OrderRow']): boolean {
  return !ENDED.has(row.status) && !row.deliveries.some((one) => LEFT.has(one))
}

const STOPPABLE = new Set(['released', 'picking', 'packed'])

/** Whether this order is paid and has not left yet. */
export function canStop(order: Order): boolean {
  return order.status === 'confirmed' && STOPPABLE.has(order.delivery)
}

/** Whether the whole purchase can still be cancelled: unpaid, or nothing of it has left. */
export function canCancel(screen: Screen): boolean {
  const living = screen.trade.orders.filter((one) => one.status !== 'cancelled')
  return screen.trade.status === 'placed' || (living.length > 0 && living.every(canStop))
}
