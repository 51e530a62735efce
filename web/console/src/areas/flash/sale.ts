import type { Schemas } from '@/api/client'

export type Sale = Schemas['Sale']
export const STATES = ['draft', 'scheduled', 'open', 'sold_out', 'closed'] as const
export const total = (sale: Sale) => sale.lines.reduce((sum, line) => sum + line.quota, 0)
export const taken = (sale: Sale) => sale.lines.reduce((sum, line) => sum + line.taken, 0)

const two = (value: number) => String(value).padStart(2, '0')

/** A moment as a field of the kind `datetime-local` holds it, in this machine's zone. */
export function fieldMoment(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`
}
