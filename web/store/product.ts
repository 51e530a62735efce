import { all, one } from './dom'

/** One SKU as the page wrote it down, with every word said already. */
type Sku = {
  id: string
  options: Record<string, string>
  price: [string, string] | null
  was: string | null
  off: string | null
  stock: 'in_stock' | 'low' | 'sold_out'
  says: string
  way: string
  buyable: boolean
  picture: number | null
}

const TAGS = { in_stock: 'tag-good', low: 'tag-warn', sold_out: 'tag-bad' } as const

export function product(): void {
  const page = one('[data-product]')
  if (!page) return
  const look = gallery(page)
  choosing(page, look)
  zooming()
}

/** The pictures can be scrolled without us; thumbnails and the count keep step. Returns the way to show one. */
function gallery(page: Element): (n: number) => void {
  const track = one('.shots', page)
  if (!track) return () => undefined
  const slides = [...track.children] as HTMLElement[]
  const thumbs = all('[data-thumb]', page)
  const at = one('[data-at]', page)
  const mark = (n: number): void => {
    thumbs.forEach((thumb, k) => (k === n ? thumb.setAttribute('aria-current', 'true') : thumb.removeAttribute('aria-current')))
    if (at) at.textContent = String(n + 1)
  }
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
  const show = (n: number): void => {
    const slide = slides[n]
    if (slide) track.scrollTo({ left: slide.offsetLeft - track.offsetLeft, behavior: calm ? 'auto' : 'smooth' })
  }
  thumbs.forEach((thumb, n) => thumb.addEventListener('click', () => show(n)))
  const seen = new IntersectionObserver(
    (entries) => entries.forEach((entry) => entry.isIntersecting && mark(slides.indexOf(entry.target as HTMLElement))),
    { root: track, threshold: 0.6 },
  )
  slides.forEach((slide) => seen.observe(slide))
  return show
}

const skus = (): Sku[] => JSON.parse(one('#skus')?.textContent || '[]') as Sku[]

/** The SKU with this value that keeps most of what is chosen, one that can be bought before one that cannot. */
function best(known: Sku[], kept: Record<string, string>, option: string, value: string): Sku | undefined {
  const weight = (sku: Sku): number =>
    2 * Object.entries(kept).filter(([code, choice]) => code !== option && sku.options[code] === choice).length + Number(sku.buyable)
  return known.filter((sku) => sku.options[option] === value).sort((a, b) => weight(b) - weight(a))[0]
}

function choosing(page: Element, look: (n: number) => void): void {
  page.addEventListener('click', (event) => {
    const click = event as MouseEvent
    const chip = (event.target as Element).closest<HTMLAnchorElement>('[data-option] a[data-value]')
    if (!chip || click.metaKey || click.ctrlKey || click.shiftKey) return
    const known = skus()
    const id = one<HTMLInputElement>('#buy [data-sku]')?.value
    const now = known.find((sku) => sku.id === id)
    const option = chip.closest<HTMLElement>('[data-option]')!.dataset.option!
    const next = best(known, now?.options ?? {}, option, chip.dataset.value!)
    if (!next) return
    event.preventDefault()
    show(page, known, next)
    if (next.picture !== null && next.picture !== now?.picture) look(next.picture)
    history.replaceState(history.state, '', chip.href)
  })
}

function show(page: Element, known: Sku[], sku: Sku): void {
  all<HTMLInputElement>('[data-sku]').forEach((field) => (field.value = sku.id))
  all('[data-option]', page).forEach((group) => {
    const option = group.dataset.option!
    all<HTMLAnchorElement>('a[data-value]', group).forEach((chip) => {
      const to = best(known, sku.options, option, chip.dataset.value!)
      const on = sku.options[option] === chip.dataset.value
      chip.toggleAttribute('aria-current', on)
      if (on) {
        chip.setAttribute('aria-current', 'true')
        const said = one('[data-chosen]', group)
        if (said) said.textContent = chip.firstChild?.nodeType === 3 ? chip.firstChild.textContent : (chip.childNodes[1]?.textContent ?? '')
      }
      chip.classList.toggle('chip-out', !to?.buyable)
      const out = one('[data-out]', chip)
      if (out) out.hidden = Boolean(to?.buyable)
      if (to) {
        const url = new URL(chip.href)
        url.searchParams.set('sku', to.id)
        chip.href = url.href
      }
    })
  })
  const price = one('.buy-price .price', page)
  if (price && sku.price) price.replaceChildren(Object.assign(document.createElement('span'), { className: 'price-sign', textContent: sku.price[0] }), sku.price[1])
  fill(one('[data-was]', page), sku.was, (element) => element.parentElement!)
  fill(one('[data-off]', page), sku.off, (element) => element)
  const stock = one('[data-stock]', page)
  if (stock) {
    stock.className = `tag ${TAGS[sku.stock]}`
    stock.textContent = sku.says
  }
  const way = one('[data-way]', page)
  if (way) way.textContent = sku.way
  all<HTMLButtonElement>('[data-buy]').forEach((button) => {
    button.disabled = !sku.buyable
    const words = button.dataset.sayNow && (sku.buyable ? button.dataset.sayNow : button.dataset.sayCannot)
    if (words) button.textContent = words
  })
}

function fill(element: HTMLElement | null, text: string | null, outer: (element: HTMLElement) => HTMLElement): void {
  if (!element) return
  element.textContent = text ?? ''
  outer(element).hidden = !text
}

/** A picture pressed opens large; pressed again, larger. */
function zooming(): void {
  const dialog = one<HTMLDialogElement>('#zoom')
  const inside = dialog && one('.zoom-in', dialog)
  if (!dialog || !inside) return
  document.addEventListener('click', (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>('a[data-zoom]')
    if (!link) return
    event.preventDefault()
    const picture = Object.assign(new Image(), { src: link.href, alt: one<HTMLImageElement>('img:not(.pic-blur)', link)?.alt ?? '' })
    inside.classList.remove('zoom-near')
    inside.replaceChildren(picture)
    dialog.showModal()
  })
  inside.addEventListener('click', (event) => {
    const near = inside.classList.toggle('zoom-near')
    if (!near) return
    const click = event as MouseEvent
    inside.scrollTo(click.clientX * 1.2, click.clientY * 1.2)
  })
}
