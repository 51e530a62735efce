import type { RouteRecordRaw } from 'vue-router'

const permission = 'stock:read'
const routes: RouteRecordRaw[] = [
  { path: '/stock', name: 'stock', component: () => import('./BalancesPage.vue'), meta: { title: 'stock.title', icon: 'stock', nav: 'warehouse/20', permission } },
  { path: '/ledger', name: 'ledger', component: () => import('./LedgerPage.vue'), meta: { title: 'stock.ledger', icon: 'ledger', nav: 'warehouse/30', permission } },
  { path: '/holds', name: 'holds', component: () => import('./HoldsPage.vue'), meta: { title: 'stock.holds', icon: 'lock', nav: 'warehouse/40', permission } },
  { path: '/books', name: 'books', component: () => import('./BooksPage.vue'), meta: { title: 'stock.books', icon: 'shield', nav: 'warehouse/50', permission } },
]
export default routes
