import './store.css'
import 'htmx.org'
import { keepBusy } from './busy'
import { cartCount, countdown, previews, refundSum } from './buying'
import { askAgain, autosubmit, steppers } from './forms'
import { model } from './model'
import { product } from './product'
import { pwa } from './pwa'
import { search } from './search'
import { toasts } from './toast'

document.documentElement.classList.add('js')
keepBusy()
autosubmit()
askAgain()
steppers()
toasts()
search()
product()
model()
pwa()
cartCount()
countdown()
previews()
refundSum()
