import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  { path: '/health', name: 'health', component: () => import('./HealthPage.vue'), meta: { title: 'health.title', icon: 'health', nav: 'system/50', permission: 'settings:manage' } },
]
export default routes
