import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  { path: '/orders', name: 'orders', component: () => import('./OrdersPage.vue'), meta: { title: 'orders.title', icon: 'orders', nav: 'trade/10', permission: 'orders:read' } },
]
export default routes
