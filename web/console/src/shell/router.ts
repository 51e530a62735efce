import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { whenSignedOut } from '@/api/client'
import { i18n } from './i18n'
import { useSession } from './session'

declare module 'vue-router' {
  interface RouteMeta {
    /** Message key of the page's name. */
    title?: string
    /** Name of a picture in `kit/icons.ts`. */
    icon?: string
    /** Where the page stands in the navigation: `group/order`, for example `trade/10`; none: it does not. */
    nav?: string
    /** Who may enter: a permission of the server's catalogue, or several with `|` between them. */
    permission?: string
    /** Open to visitors: the door. */
    open?: boolean
    /** The page fills the window by itself: no navigation around it (printing, the hand-held station). */
    bare?: boolean
  }
}

export const base = document.querySelector<HTMLMetaElement>('meta[name="daji-base"]')?.content ?? '/console'

const areas = import.meta.glob<RouteRecordRaw[]>('../areas/*/routes.ts', { eager: true, import: 'default' })
export const areaRoutes: RouteRecordRaw[] = Object.values(areas).flat()

export const router = createRouter({
  history: createWebHistory(base),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    { path: '/sign-in', name: 'sign-in', component: () => import('./SignIn.vue'), meta: { title: 'shell.signIn.title', open: true, bare: true } },
    ...areaRoutes,
    { path: '/:lost(.*)*', name: 'lost', component: () => import('./Lost.vue'), meta: { title: 'shell.lost.title' } },
  ],
})

router.beforeEach(async (to) => {
  const session = useSession()
  const me = await session.find()
  if (to.meta.open) return me && to.name === 'sign-in' ? inside(to.query.next) : true
  if (!me) return { name: 'sign-in', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  if (!session.may(to.meta.permission)) {
    if (to.path === '/') return firstAllowed()
    return { name: 'lost', params: { lost: to.path.slice(1).split('/') }, query: { why: 'permission' } }
  }
  return true
})

router.afterEach((to, from) => {
  const { t } = i18n.global
  document.title = to.meta.title ? `${t(to.meta.title)} · ${t('shell.name')}` : t('shell.name')
  // A screen reader starts at the top of a new page; a change of filters is no new page.
  if (from.matched.length && to.path !== from.path) {
    void Promise.resolve().then(() => document.getElementById('main')?.focus({ preventScroll: true }))
  }
})

whenSignedOut(() => {
  const session = useSession()
  if (!session.me) return
  session.forget()
  void router.replace({ name: 'sign-in', query: { next: router.currentRoute.value.fullPath, ended: '1' } })
})

/** The page to go on to, when it is one of ours. */
export function inside(next: unknown): string {
  return typeof next === 'string' && next.startsWith('/') && !next.startsWith('//') && !next.startsWith('/sign-in') ? next : '/'
}

/** Where somebody without the overview begins: the first page in their navigation. */
function firstAllowed() {
  const session = useSession()
  const found = areaRoutes.find((route) => route.meta?.nav && route.path !== '/' && session.may(route.meta.permission))
  return found ? found.path : { name: 'lost', query: { why: 'permission' } }
}
