/** A reporter for whom a test that did not run is one that failed: whatever it needs of this machine is to be installed. */
import type { Reporter, TestModule, Vitest } from 'vitest/node'

export class NoSkips implements Reporter {
  #chosen = false

  onInit({ config }: Vitest): void {
    // Whoever runs some tests by their name leaves the others out on purpose.
    this.#chosen = config.testNamePattern !== undefined
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (this.#chosen) return
    const left = modules.flatMap((module) => [...module.children.allTests('skipped')].map(({ fullName }) => fullName))
    if (left.length === 0) return
    for (const name of left) console.error(`did not run: ${name}`)
    process.exitCode = 1
  }
}
