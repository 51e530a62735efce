import { lang } from '@/shell/i18n'

const ZONE = 'Asia/Shanghai'
const made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>()

function once<T extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>(key: string, make: () => T): T {
  const found = made.get(key) ?? make()
  made.set(key, found)
  return found as T
}

function locale(): string {
  return lang() === 'zh' ? 'zh-CN' : 'en-GB'
}

/** How many digits stand after the point in this currency (ISO 4217): 0, 2 or 3. */
export function exponent(currency: string): number {
  return moneyFormat(currency).resolvedOptions().maximumFractionDigits ?? 2
}

function moneyFormat(currency: string): Intl.NumberFormat {
  const shown = currency || 'CNY'
  return once(`money ${locale()} ${shown}`, () => new Intl.NumberFormat(locale(), { style: 'currency', currency: shown, currencyDisplay: 'narrowSymbol' }))
}

/** Minor units as a reader sees them: `¥12.34`. */
export function money(amount: number, currency: string): string {
  return moneyFormat(currency).format(amount / 10 ** exponent(currency))
}

/** Minor units as a form field holds them: `12.34`. */
export function majorText(amount: number, currency: string): string {
  return (amount / 10 ** exponent(currency)).toFixed(exponent(currency))
}

/** What somebody typed, in minor units; null when it is no amount of this currency. No float touches the digits. */
export function minorUnits(text: string, currency: string): number | null {
  const digits = exponent(currency)
  // A comma groups thousands or it is no amount: "1,99" must not become 199.
  const match = /^(-?)(\d+|\d{1,3}(?:[,，\s]\d{3})+)(?:[.](\d*))?$/.exec(text.trim())
  if (!match || (match[3] ?? '').length > digits) return null
  const value = Number(`${match[1]}${match[2]!.replace(/\D/g, '')}${(match[3] ?? '').padEnd(digits, '0')}`)
  return Number.isSafeInteger(value) ? value : null
}

export function number(value: number, digits = 0): string {
  return once(`number ${locale()} ${digits}`, () => new Intl.NumberFormat(locale(), { maximumFractionDigits: digits })).format(value)
}

/** A share between 0 and 1 as a percentage. */
export function percent(value: number, digits = 1): string {
  return once(`percent ${locale()} ${digits}`, () => new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: digits })).format(value)
}

type Shape = 'full' | 'minute' | 'day' | 'time'
const SHAPES: Record<Shape, Intl.DateTimeFormatOptions> = {
  full: { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  minute: { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' },
  day: { year: 'numeric', month: 'short', day: 'numeric' },
  time: { hour: '2-digit', minute: '2-digit' },
}

/** A moment on the shop's clocks, wherever the reader sits. */
export function moment(value: string | Date, shape: Shape = 'minute'): string {
  return once(`date ${locale()} ${shape}`, () => new Intl.DateTimeFormat(locale(), { ...SHAPES[shape], timeZone: ZONE, hourCycle: 'h23' })).format(new Date(value))
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [['day', 86400], ['hour', 3600], ['minute', 60]]

/** How long ago, or in how long: "3 hours ago". */
export function since(value: string | Date, now = Date.now()): string {
  const seconds = (new Date(value).getTime() - now) / 1000
  const format = once(`relative ${locale()}`, () => new Intl.RelativeTimeFormat(locale(), { numeric: 'auto', style: 'short' }))
  for (const [unit, size] of STEPS) if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit)
  return format.format(Math.round(seconds / 60), 'minute')
}

/** The day where the shop is, as `2026-03-03`; `back` days earlier. */
export function shopDay(back = 0, now = Date.now()): string {
  return once('day ISO', () => new Intl.DateTimeFormat('en-CA', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' })).format(now - back * 86400_000)
}

/** Midnight of that day where the shop is, as the server takes it; `after` days later. The zone has no summer time. */
export function dayStart(day: string, after = 0): string {
  return new Date(Date.parse(`${day}T00:00:00+08:00`) + after * 86400_000).toISOString()
}
