import { describe, expect, it } from 'vitest'
import { minorUnits } from './format'

describe('minorUnits', () => {
  it('reads amounts as people write them', () => {
    expect(['19.9', '19', ' 1,299.00 ', '1 299', '-5', '12,345,678.01', '3.'].map((text) => minorUnits(text, 'CNY'))).toEqual([1990, 1900, 129900, 129900, -500, 1234567801, 300])
  })
  it('reads nothing into a comma that groups no thousands', () => {
    expect(['1,99', '1,2,3', '1,9999', ',5', '12 34', '1.999', '', 'x', '1e3', '0x10', '9'.repeat(20)].map((text) => minorUnits(text, 'CNY'))).toEqual(Array(11).fill(null))
  })
  it('knows how many digits a currency has', () => {
    expect([minorUnits('1299', 'JPY'), minorUnits('1.5', 'JPY'), minorUnits('1.234', 'KWD')]).toEqual([1299, null, 1234])
  })
})
