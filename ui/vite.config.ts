/** How the page is built: one bundle to begin with, the rest when it is looked at. */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  build: {
    // No inlined files and no polyfill script: the page's policy allows what comes from its own origin, and nothing else.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    // Browsers that know light-dark() themselves: rewritten for older ones it no longer follows Mantine's scheme.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    reportCompressedSize: true,
  },
})
