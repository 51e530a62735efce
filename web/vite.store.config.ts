import tailwind from '@tailwindcss/vite'
import { defineConfig } from 'vite'

export default defineConfig({
  base: '/static/store/',
  root: 'store',
  publicDir: false,
  plugins: [tailwind()],
  build: {
    outDir: '../../daji/faces/assets/store',
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    modulePreload: false,
    rollupOptions: { input: { store: new URL('./store/main.ts', import.meta.url).pathname } },
  },
})
