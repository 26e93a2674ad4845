/** The contract of all engines, kept by an agent for tests that speaks the Agent Client Protocol in a real jail. */
import { fileURLToPath } from 'node:url'
import { engineContract } from '../../testing/engine-contract.ts'
import { tool } from '../../testing/messages-script.ts'
import { acpEngine } from './acp.ts'
import { AcpConfig } from './config.ts'

const PROGRAM = fileURLToPath(new URL('../../testing/acp-agent.mjs', import.meta.url))

engineContract({
  engine: acpEngine('acp:test', AcpConfig.parse({ command: [process.execPath, PROGRAM] })),
  hostTool: (name) => `sluice_${name}`,
  write: (path, content) => tool('write', { path, content }),
  shell: (command) => tool('shell', { command }),
  repeats: 1,
  timeoutMs: 60_000,
})
