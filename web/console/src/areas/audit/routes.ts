import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  { path: '/audit', name: 'audit', component: () => import('./AuditPage.vue'), meta: { title: 'audit.title', icon: 'audit', nav: 'system/30', permission: 'audit:read' } },
]
export default routes
