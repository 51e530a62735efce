/**
 * Code 128, code set B: every printable ASCII character (ISO/IEC 15417). Each symbol is six widths of bars and spaces that
 * add up to eleven modules; the stop pattern has seven that add up to thirteen.
 */
const PATTERNS =
  '212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 123122 ' +
  '123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 ' +
  '131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 ' +
  '213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 ' +
  '141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 ' +
  '124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 ' +
  '411131 211412 211214 211232'
const SYMBOLS = PATTERNS.split(' ')
const START_B = 104
const STOP = '2331112'
const QUIET = 10

export interface Bars {
  /** Bars as [left edge, width] in modules; the quiet zones are in `width`. */
  bars: [number, number][]
  width: number
}

/** The bars of a text; null when it holds something that code set B does not. */
export function code128(text: string): Bars | null {
  if (!text || [...text].some((char) => char < ' ' || char > '~')) return null
  const values = [...text].map((char) => char.charCodeAt(0) - 32)
  const check = values.reduce((sum, value, at) => sum + value * (at + 1), START_B) % 103
  const widths = [START_B, ...values, check].map((value) => SYMBOLS[value] ?? '').join('') + STOP
  const bars: [number, number][] = []
  let at = QUIET
  ;[...widths].forEach((width, index) => {
    if (index % 2 === 0) bars.push([at, Number(width)])
    at += Number(width)
  })
  return { bars, width: at + QUIET }
}
