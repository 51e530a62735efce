export interface Line {
  code: string
  qty: number
}

/**
 * Lines of a supplier's paper as they are pasted from a table: a SKU code and a number, apart by a tab, a comma or
 * blanks. `bad` are the numbers (from 1) of lines that are not so.
 */
export function readLines(text: string): { lines: Line[]; bad: number[] } {
  const lines: Line[] = []
  const bad: number[] = []
  text.split(/\r?\n/).forEach((row, at) => {
    if (!row.trim()) return
    const found = /^\s*(\S+?)\s*(?:[\t,;，；]|\s)\s*(\d{1,7})\s*$/.exec(row)
    if (found?.[1] && Number(found[2]) > 0) lines.push({ code: found[1], qty: Number(found[2]) })
    else bad.push(at + 1)
  })
  return { lines, bad }
}
