/** Claude Code keeps the contract of all engines. */
import { claudeSubject } from '../../testing/claude-subject.ts'
import { engineContract } from '../../testing/engine-contract.ts'

engineContract(claudeSubject())
