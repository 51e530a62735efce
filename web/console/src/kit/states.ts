export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'calm'

/** What a state means to whoever works here: done well, waits for us, went wrong, runs by itself, rests. */
const TONES: Record<string, Record<string, Tone>> = {
  trade: { placed: 'warn', confirmed: 'info', completed: 'good' },
  order_status: { placed: 'warn', confirmed: 'info', completed: 'good' },
  payment: { unpaid: 'warn', part_paid: 'warn', paid: 'good', part_refunded: 'info', refunded: 'calm' },
  delivery: { released: 'warn', picking: 'info', packed: 'info', shipped: 'info', delivered: 'good', failed: 'bad', returned: 'bad' },
  aftersales: { open: 'warn' },
  unit: { sold: 'good', in_return: 'warn' },
  tender: { unknown: 'bad', pending: 'warn', authorised: 'info', captured: 'good', declined: 'bad' },
  refund: { requested: 'info', unknown: 'bad', processing: 'info', done: 'good', failed: 'bad' },
  shipment: { booked: 'info', in_transit: 'info', out_for_delivery: 'info', delivered: 'good', failed: 'bad', returning: 'warn', returned: 'bad', lost: 'bad' },
  case: { requested: 'warn', approved: 'info', received: 'info', refunding: 'info', refunded: 'good', rejected: 'bad' },
  pick_list: { released: 'warn', picking: 'info', short: 'bad', picked: 'info', packed: 'info', handed_over: 'good' },
  notice: { announced: 'warn', receiving: 'info', closed: 'good' },
  product: { in_review: 'warn', listed: 'good' },
  review: { shown: 'good' },
  sku: { active: 'good' },
  flash: { scheduled: 'info', open: 'good', sold_out: 'warn' },
}

export function toneOf(family: string, code: string): Tone {
  return TONES[family]?.[code] ?? 'calm'
}
