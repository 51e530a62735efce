export const one = <T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T | null => root.querySelector<T>(selector)
export const all = <T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T[] => [...root.querySelectorAll<T>(selector)]

/** Words that a script says come from the page, so that they come from the catalogue. */
export const word = (element: Element, name: string): string => element.getAttribute(`data-say-${name}`) ?? ''
