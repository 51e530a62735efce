import type { RouteRecordRaw } from 'vue-router'

const permission = 'identity:manage'
const routes: RouteRecordRaw[] = [
  { path: '/staff', name: 'staff', component: () => import('./StaffPage.vue'), meta: { title: 'staff.title', icon: 'people', nav: 'system/10', permission } },
  { path: '/roles', name: 'roles', component: () => import('./RolesPage.vue'), meta: { title: 'staff.roles', icon: 'shield', nav: 'system/20', permission } },
]
export default routes
