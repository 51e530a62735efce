import { describe, expect, it } from 'vitest'
import { readQuery, windowOf } from './list'

describe('readQuery', () => {
  const filters = [
    { key: 'status', label: '', kind: 'tabs' },
    { key: 'late', label: '', kind: 'flag' },
  ] as const
  it('takes filters only, and none that is empty', () => {
    expect(readQuery(filters, { status: 'placed', late: '', other: 'x' })).toEqual({ status: 'placed' })
  })
  it('passes over what is given twice', () => {
    expect(readQuery(filters, { status: ['a', 'b'] })).toEqual({})
  })
})

describe('windowOf', () => {
  it('draws what is seen and some beyond', () => {
    expect(windowOf({ top: 1000, height: 500, row: 50, count: 1000, beyond: 2 })).toEqual({ first: 18, last: 32 })
  })
  it('stays inside the list', () => {
    expect(windowOf({ top: 0, height: 500, row: 50, count: 3 })).toEqual({ first: 0, last: 3 })
    expect(windowOf({ top: 90_000, height: 500, row: 50, count: 3, beyond: 1 })).toEqual({ first: 2, last: 3 })
    expect(windowOf({ top: 0, height: 0, row: 50, count: 0 })).toEqual({ first: 0, last: 0 })
  })
  it('draws no more of a million rows than of a hundred', () => {
    const { first, last } = windowOf({ top: 20_000_000, height: 800, row: 48, count: 1_000_000 })
    expect(last - first).toBeLessThan(40)
  })
})
