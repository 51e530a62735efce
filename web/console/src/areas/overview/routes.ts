import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  { path: '/', name: 'overview', component: () => import('./OverviewPage.vue'), meta: { title: 'overview.title', icon: 'home', nav: 'overview/0', permission: 'orders:read' } },
]
export default routes
