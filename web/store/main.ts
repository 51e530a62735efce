import './store.css'
import 'htmx.org'
