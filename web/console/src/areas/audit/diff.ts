export interface Changed {
  path: string
  before: string
  after: string
}

type Tree = Record<string, unknown> | null | undefined

/** What differs between two JSON objects, leaf by leaf; with nothing before, everything after is news. */
export function differences(before: Tree, after: Tree): Changed[] {
  const was = leaves(before)
  const is = leaves(after)
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((path) => ({ path, before: was.get(path) ?? '', after: is.get(path) ?? '' }))
    .filter((one) => one.before !== one.after)
}

function leaves(value: unknown, path = '', found = new Map<string, string>()): Map<string, string> {
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) found.set(path, value.join(', '))
  else if (value !== null && typeof value === 'object') for (const [key, inner] of Object.entries(value)) leaves(inner, path ? `${path}.${key}` : key, found)
  else if (value !== null && value !== undefined && value !== '') found.set(path, String(value))
  return found
}
