import { describe, expect, it } from 'vitest'
import { readLines } from './lines'

describe('lines of a paper', () => {
  it('reads what a table, a list and a message look like', () => {
    expect(readLines('A-1\t12\nB-2, 3\n\nC 4\r\nD；5').lines).toEqual([
      { code: 'A-1', qty: 12 },
      { code: 'B-2', qty: 3 },
      { code: 'C', qty: 4 },
      { code: 'D', qty: 5 },
    ])
  })
  it('says which lines are none', () => {
    expect(readLines('A 1\nB\nC 0\nD -2').bad).toEqual([2, 3, 4])
  })
})
