import type { RouteRecordRaw } from 'vue-router'

const permission = 'flash:manage'
const routes: RouteRecordRaw[] = [
  { path: '/flash-sales', name: 'flash-sales', component: () => import('./SalesPage.vue'), meta: { title: 'flash.title', icon: 'live', nav: 'trade/40', permission } },
  { path: '/flash-sales/:id', name: 'flash-sale', component: () => import('./SalePage.vue'), meta: { title: 'flash.one', permission } },
]
export default routes
