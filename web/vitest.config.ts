import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { '@': new URL('./console/src', import.meta.url).pathname } },
  test: { include: ['console/src/**/*.test.ts', 'store/**/*.test.ts'], environment: 'node' },
})
