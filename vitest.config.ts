/** Every test of the workspace, in Node, against real processes: a broker, git and files of its own each. */
import { defineConfig } from 'vitest/config'
import { NoSkips } from './test/src/no-skips.ts'

// Where a machine reads the outcome: counts are taken from here, never from what a terminal shows.
const results = process.env.SLUICE_TEST_RESULTS

export default defineConfig({
  test: {
    include: ['{proto,kit,services/*,cli,demo,bench,test,ui,pack}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**', 'demo/app/**'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // What a process does that is started while others run takes more than the second that is usual.
    expect: { poll: { timeout: 15_000 } },
    maxWorkers: 2,
    reporters: [
      'default',
      new NoSkips(),
      ...(results ? [['json', { outputFile: results }] as ['json', { outputFile: string }]] : []),
    ],
    // A test that never ran is a test that cannot fail.
    passWithNoTests: false,
    allowOnly: false,
  },
})
