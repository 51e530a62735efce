import type { RouteLocationRaw } from 'vue-router'

/** A column: `text` says what stands in it when the page brings no `cell-<key>` slot. */
export interface Column<Row> {
  key: string
  title: string
  /** Pixels; the columns without it share what is left. */
  width?: number
  align?: 'end'
  text?: (row: Row) => string
  /** On a phone a row is a card: its first line, the end of it, one of the small words below, or left out. */
  phone?: 'title' | 'end' | 'meta' | 'none'
}

export interface Choice {
  value: string
  label: string
}

/** A filter; its `key` is the name in the address, and in the query that `load` is given. */
export interface Filter {
  key: string
  label: string
  kind: 'text' | 'choice' | 'tabs' | 'day' | 'flag'
  options?: readonly Choice[]
  hint?: string
}

export type Query = Record<string, string>

export interface Loaded<Row> {
  items: readonly Row[]
  next_cursor?: string | null
}

export type Load<Row> = (query: Query, cursor: string | undefined) => Promise<Loaded<Row>>
export type RowLink<Row> = (row: Row) => RouteLocationRaw | undefined

/** What the filters say in an address; names that are no filter, and empty values, are left out. */
export function readQuery(filters: readonly Filter[], query: Record<string, unknown>): Query {
  const found: Query = {}
  for (const { key } of filters) {
    const value = query[key]
    if (typeof value === 'string' && value) found[key] = value
  }
  return found
}

/** First row to draw and how many, with some beyond either edge so that scrolling shows no gaps. */
export function windowOf(given: { top: number; height: number; row: number; count: number; beyond?: number }): { first: number; last: number } {
  const beyond = given.beyond ?? 8
  const first = Math.max(0, Math.min(given.count, Math.floor(given.top / given.row)) - beyond)
  const last = Math.min(given.count, Math.ceil((given.top + given.height) / given.row) + beyond)
  return { first, last: Math.max(first, last) }
}
