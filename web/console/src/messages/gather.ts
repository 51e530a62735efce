export type Words = { [key: string]: string | Words }

/** One tree of every area's messages. Each file brings its own top key or shares `words`, the words of states. */
export function gather(files: Record<string, unknown>): Words {
  const found: Words = {}
  for (const file of Object.values(files)) merge(found, file as Words)
  return found
}

function merge(into: Words, more: Words): void {
  for (const [key, value] of Object.entries(more)) {
    const there = into[key]
    if (typeof value === 'object' && typeof there === 'object') merge(there, value)
    else into[key] = value
  }
}
