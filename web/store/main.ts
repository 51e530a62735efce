import './store.css'
import 'htmx.org'
import { keepBusy } from './busy'
import { autosubmit, askAgain, steppers } from './forms'

document.documentElement.classList.add('js')
keepBusy()
autosubmit()
askAgain()
steppers()
