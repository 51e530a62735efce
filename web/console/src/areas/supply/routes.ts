import type { RouteRecordRaw } from 'vue-router'

const permission = 'stock:read'
const routes: RouteRecordRaw[] = [
  { path: '/deliveries', name: 'deliveries', component: () => import('./DeliveriesPage.vue'), meta: { title: 'supply.title', icon: 'import', nav: 'warehouse/15', permission } },
  { path: '/deliveries/:notice', name: 'delivery', component: () => import('./DeliveryPage.vue'), meta: { title: 'supply.one', permission } },
]
export default routes
