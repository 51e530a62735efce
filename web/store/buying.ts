import { all, one, word } from './dom'

/** What the cart holds is said by every badge, also after only the cart was drawn anew. */
export function cartCount(): void {
  document.addEventListener('htmx:after:swap', () => {
    const count = one('[data-live-count]')?.dataset.liveCount
    if (count !== undefined) all('[data-cart-count]').forEach((badge) => { badge.textContent = count })
  })
}

/** Time that runs out, second by second; without a script the page says until when. */
export function countdown(): void {
  all('[data-until]').forEach((element) => {
    const end = Date.parse(element.dataset.until ?? '')
    const tick = (): void => {
      const left = Math.max(0, Math.round((end - Date.now()) / 1000))
      element.textContent = left
        ? word(element, 'left').replace('{m}', String(Math.floor(left / 60))).replace('{s}', String(left % 60).padStart(2, '0'))
        : word(element, 'over')
      if (left) setTimeout(tick, 1000)
    }
    tick()
  })
}

/** Pictures that are about to be sent, to look at first. */
export function previews(): void {
  document.addEventListener('change', (event) => {
    const field = event.target as HTMLInputElement
    const place = field.matches?.('input[type=file][data-preview]') && one(`#${field.dataset.preview}`)
    if (!place) return
    const most = Number(field.dataset.most || 6)
    if (field.files && field.files.length > most) {
      const kept = new DataTransfer()
      ;[...field.files].slice(0, most).forEach((file) => kept.items.add(file))
      field.files = kept.files
    }
    place.replaceChildren(...[...(field.files ?? [])].map((file) => {
      const picture = Object.assign(new Image(), { src: URL.createObjectURL(file), alt: file.name })
      picture.className = 'pic pic-s'
      return picture
    }))
  })
}

/** What units that are chosen would bring back: the page knows each unit's own share. */
export function refundSum(): void {
  const form = one<HTMLFormElement>('form[data-refund]')
  const sum = form && one('[data-refund-sum]', form)
  if (!form || !sum) return
  const format = new Intl.NumberFormat(document.documentElement.lang, {
    style: 'currency', currency: form.dataset.refund ?? 'CNY', currencyDisplay: 'narrowSymbol',
  })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  const show = (): void => {
    const chosen = all<HTMLInputElement>('input[data-share]:checked', form)
    const amount = chosen.reduce((total, field) => total + Number(field.dataset.share), 0)
    sum.textContent = format.format(amount / 10 ** digits)
  }
  form.addEventListener('change', show)
  show()
}
