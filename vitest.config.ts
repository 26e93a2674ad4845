/** Every test of the workspace, in Node, against real processes: a broker, git and files of its own each. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{proto,kit,services/*,cli,demo,bench,test,ui}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**', 'demo/app/**'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    // A test that never ran is a test that cannot fail.
    passWithNoTests: false,
    allowOnly: false,
  },
})
