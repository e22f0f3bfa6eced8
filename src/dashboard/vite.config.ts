import { defineConfig } from 'vite'

/** Where `npm run` of the coordinator listens; only the development server asks it. */
const COORDINATOR = 'http://127.0.0.1:8080'

export default defineConfig({
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../.build/dashboard',
    emptyOutDir: true,
    sourcemap: false,
    // `light-dark()` and nesting as they are written: the first browsers that know both.
    target: ['chrome125', 'firefox128', 'safari17.5'],
    // Preloading is for many chunks; here are few, and the polyfill would be an inline script.
    modulePreload: false,
    // A file inside another one would be a `data:` address, which the page's policy refuses.
    assetsInlineLimit: 0,
  },
  server: { proxy: { '/api': COORDINATOR } },
})
