/** One curve or row of bars; `tone` is a token of colour, a `faint` one is there to compare with. */
export interface Series {
  name: string
  values: (number | null)[]
  tone: 'accent' | 'muted' | 'info' | 'line-strong'
  kind?: 'line' | 'bar'
  faint?: boolean
}
