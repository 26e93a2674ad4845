/** The contract of all engines, kept by Claude's own agent over the Agent Client Protocol. */
import { claudeAgent } from '../../testing/acp-agents.ts'
import { engineContract } from '../../testing/engine-contract.ts'
import { tool } from '../../testing/messages-script.ts'
import { acpEngine } from './acp.ts'

engineContract({
  engine: acpEngine('acp:claude', claudeAgent()),
  hostTool: (name) => `mcp__sluice__${name}`,
  write: (path, content) => tool('Write', { file_path: path, content }),
  // It runs no bare `sleep` in the foreground.
  shell: (command) => tool('Bash', { command: `sh -c '${command.replaceAll("'", "'\\''")}'`, description: 'runs it' }),
  aside: (request) => ((request.tools ?? []).length === 0 ? { content: ['A title'] } : undefined),
  repeats: 1,
  cuts: (entries) => [2, Math.floor(entries / 2), entries - 2],
  idleMs: 2_000,
  timeoutMs: 120_000,
})
