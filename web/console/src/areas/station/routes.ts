import type { RouteRecordRaw } from 'vue-router'

const permission = 'warehouse:work'
const bare = true
const routes: RouteRecordRaw[] = [
  { path: '/station', name: 'station', component: () => import('./HomePage.vue'), meta: { title: 'station.title', icon: 'station', nav: 'warehouse/10', permission, bare } },
  { path: '/station/receive', name: 'station-receive', component: () => import('./ReceivePage.vue'), meta: { title: 'station.receive', permission: 'stock:adjust', bare } },
  { path: '/station/queue/:verb(pick|pack|ship)', name: 'station-queue', component: () => import('./QueuePage.vue'), meta: { title: 'station.queue', permission, bare } },
  { path: '/station/orders/:order', name: 'station-order', component: () => import('./WorkPage.vue'), meta: { title: 'station.work', permission, bare } },
]
export default routes
