/** What is left in a worktree for Sluice to run, read or write through catches nobody. */
import { traps } from './host.ts'
import { setAll } from './suite.ts'

setAll(traps)
