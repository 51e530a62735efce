import type { Schemas } from '@/api/client'

export type Overview = Schemas['Overview']
export type Window = Overview['windows'][number]

export interface Figure {
  key: 'orders' | 'gmv' | 'conversion' | 'units' | 'refunds' | 'late'
  today: number | null
  yesterday: number | null
  lastWeek: number | null
  /** More of it is good, bad, or neither. */
  better: 'more' | 'less'
  shape: 'count' | 'money' | 'share'
}

const KEYS: [Figure['key'], Figure['better'], Figure['shape']][] = [
  ['orders', 'more', 'count'],
  ['gmv', 'more', 'money'],
  ['conversion', 'more', 'share'],
  ['units', 'more', 'count'],
  ['refunds', 'less', 'money'],
  ['late', 'less', 'count'],
]

/** The six figures of today beside those of yesterday and of last week; money in the overview's currency. */
export function figuresOf(overview: Overview): Figure[] {
  const [today, yesterday, lastWeek] = ['today', 'yesterday', 'last_week'].map((key) => overview.windows.find((one) => one.key === key))
  const value = (window: Window | undefined, key: Figure['key']): number | null => {
    if (!window) return null
    if (key === 'gmv' || key === 'refunds') return window[key].find((one) => one.currency === overview.currency)?.amount ?? 0
    return window[key]
  }
  return KEYS.map(([key, better, shape]) => ({ key, better, shape, today: value(today, key), yesterday: value(yesterday, key), lastWeek: value(lastWeek, key) }))
}

/** How much it changed, as a share of before; null where there is nothing to compare with. For shares: points. */
export function changeOf(figure: Figure, before: number | null): number | null {
  if (figure.today === null || before === null) return null
  if (figure.shape === 'share') return figure.today - before
  return before === 0 ? null : (figure.today - before) / before
}
