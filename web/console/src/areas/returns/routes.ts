import type { RouteRecordRaw } from 'vue-router'

const permission = 'aftersales:read'
const routes: RouteRecordRaw[] = [
  { path: '/returns', name: 'returns', component: () => import('./ReturnsPage.vue'), meta: { title: 'returns.title', icon: 'returns', nav: 'care/10', permission } },
  { path: '/returns/:case', name: 'return', component: () => import('./ReturnPage.vue'), meta: { title: 'returns.one', permission } },
]
export default routes
