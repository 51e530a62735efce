import type { RouteRecordRaw } from 'vue-router'

const permission = 'orders:read'
const routes: RouteRecordRaw[] = [
  { path: '/orders', name: 'orders', component: () => import('./OrdersPage.vue'), meta: { title: 'orders.title', icon: 'orders', nav: 'trade/10', permission } },
  { path: '/orders/:trade', name: 'order', component: () => import('./OrderPage.vue'), meta: { title: 'orders.one', permission } },
  { path: '/parcels', name: 'parcels', component: () => import('./ParcelsPage.vue'), meta: { title: 'orders.parcels.title', icon: 'truck', nav: 'trade/20', permission } },
]
export default routes
