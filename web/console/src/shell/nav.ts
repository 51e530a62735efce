import { computed } from 'vue'
import { areaRoutes } from './router'
import { useSession } from './session'

export interface NavItem {
  path: string
  title: string
  icon: string
  order: number
}

export interface NavGroup {
  key: string
  items: NavItem[]
}

/** Groups in the order of a working day: look, sell, move, serve, offer, run. */
const GROUPS = ['overview', 'trade', 'warehouse', 'care', 'catalogue', 'system']

/** The pages this person may enter, grouped as they are shown. */
export function useNav() {
  const session = useSession()
  const groups = computed<NavGroup[]>(() => {
    const found = new Map<string, NavItem[]>(GROUPS.map((key) => [key, []]))
    for (const route of areaRoutes) {
      const [group = '', order = '0'] = route.meta?.nav?.split('/') ?? []
      if (!group || !session.may(route.meta?.permission)) continue
      const items = found.get(group) ?? []
      items.push({ path: route.path, title: route.meta?.title ?? route.path, icon: route.meta?.icon ?? 'more', order: Number(order) })
      found.set(group, items)
    }
    return [...found].map(([key, items]) => ({ key, items: items.sort((a, b) => a.order - b.order) })).filter((one) => one.items.length)
  })
  const items = computed(() => groups.value.flatMap((one) => one.items))
  return { groups, items }
}
