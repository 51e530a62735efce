import vue from '@vitejs/plugin-vue'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import Components from 'unplugin-vue-components/vite'
import { defineConfig } from 'vite'

export default defineConfig({
  base: '/static/console/',
  root: 'console',
  plugins: [vue({ template: { transformAssetUrls: false } }), Components({ resolvers: [ElementPlusResolver()], dts: 'src/components.d.ts' })],
  resolve: { alias: { '@': new URL('./console/src', import.meta.url).pathname } },
  build: {
    outDir: '../../daji/faces/assets/console',
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    rollupOptions: { input: { console: new URL('./console/src/main.ts', import.meta.url).pathname } },
  },
})
