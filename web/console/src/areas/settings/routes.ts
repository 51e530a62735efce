import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  { path: '/settings', name: 'settings', component: () => import('./SettingsPage.vue'), meta: { title: 'settings.title', icon: 'settings', nav: 'system/40', permission: 'settings:manage' } },
]
export default routes
