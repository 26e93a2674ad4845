/** Our own loop keeps the contract of all engines. */
import { engineContract } from '../testing/engine-contract.ts'
import { tool } from '../testing/messages-script.ts'
import { anthropic, openAgent } from './anthropic.ts'

engineContract({
  engine: {
    ...anthropic,
    open: ({ choice, ...options }) => openAgent({ ...options, ...choice, firstWaitMs: 1 }),
  },
  hostTool: (name) => name,
  write: (path, content) => tool('write', { path, content }),
  shell: (command) => tool('shell', { command }),
  repeats: 0,
})
