import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  { path: '/goods', name: 'goods', component: () => import('./GoodsPage.vue'), meta: { title: 'goods.title', icon: 'tag', nav: 'catalogue/10', permission: 'catalog:read' } },
  { path: '/goods/new', name: 'goods-new', component: () => import('./ProductPage.vue'), meta: { title: 'goods.new', permission: 'catalog:write' } },
  { path: '/goods/:product(prd_[^/]+)', name: 'goods-product', component: () => import('./ProductPage.vue'), meta: { title: 'goods.product', permission: 'catalog:read' } },
  { path: '/categories', name: 'goods-categories', component: () => import('./CategoriesPage.vue'), meta: { title: 'goods.categories.title', icon: 'category', nav: 'catalogue/20', permission: 'catalog:read' } },
  { path: '/brands', name: 'goods-brands', component: () => import('./BrandsPage.vue'), meta: { title: 'goods.brands.title', icon: 'bookmark', nav: 'catalogue/30', permission: 'catalog:read' } },
  { path: '/prices', name: 'goods-prices', component: () => import('./PricesPage.vue'), meta: { title: 'goods.prices.title', icon: 'price', nav: 'catalogue/40', permission: 'catalog:read' } },
  { path: '/reviews', name: 'goods-reviews', component: () => import('./ReviewsPage.vue'), meta: { title: 'goods.reviews.title', icon: 'star', nav: 'catalogue/50', permission: 'reviews:moderate' } },
  { path: '/imports', name: 'goods-imports', component: () => import('./ImportsPage.vue'), meta: { title: 'goods.imports.title', icon: 'import', nav: 'catalogue/60', permission: 'imports:run' } },
  { path: '/imports/:upload', name: 'goods-import', component: () => import('./ImportPage.vue'), meta: { title: 'goods.imports.one', permission: 'imports:run' } },
]
export default routes
