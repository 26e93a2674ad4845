/** The contract of all engines, kept by opencode over the Agent Client Protocol. */
import { opencode } from '../../testing/acp-agents.ts'
import { engineContract } from '../../testing/engine-contract.ts'
import { tool } from '../../testing/messages-script.ts'
import { acpEngine } from './acp.ts'

engineContract({
  engine: acpEngine('acp:opencode', opencode()),
  hostTool: (name) => `sluice_${name}`,
  write: (path, content) => tool('write', { filePath: path, content }),
  shell: (command) => tool('bash', { command, description: 'runs it' }),
  aside: (request) => ((request.tools ?? []).length === 0 ? { content: ['A title'] } : undefined),
  repeats: 1,
  cuts: (entries) => [2, Math.floor(entries / 2), entries - 2],
  idleMs: 2_000,
  timeoutMs: 120_000,
})
