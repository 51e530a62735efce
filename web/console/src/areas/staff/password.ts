const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'

/** A password to begin with: four groups of four that can be read out on the phone, 78 bits. */
export function firstPassword(): string {
  const drawn = crypto.getRandomValues(new Uint32Array(16))
  // A 32-bit number is so much larger than the alphabet that the remainder favours no letter noticeably.
  const letters = [...drawn].map((value) => LETTERS[value % LETTERS.length])
  return [0, 4, 8, 12].map((at) => letters.slice(at, at + 4).join('')).join('-')
}
