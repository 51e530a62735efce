import type { RouteRecordRaw } from 'vue-router'

const permission = 'customers:read'
const routes: RouteRecordRaw[] = [
  { path: '/customers', name: 'customers', component: () => import('./CustomersPage.vue'), meta: { title: 'customers.title', icon: 'person', nav: 'care/20', permission } },
  { path: '/customers/:account', name: 'customer', component: () => import('./CustomerPage.vue'), meta: { title: 'customers.one', permission } },
]
export default routes
