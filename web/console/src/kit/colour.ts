/** A token as a colour that a canvas understands, in the theme as it is now: `colour('--accent')`. */
export function colour(token: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${token})`
  probe.hidden = true
  document.body.append(probe)
  const found = getComputedStyle(probe).color
  probe.remove()
  return found
}
