/** Claude Code as the contract of engines drives it: npm's, from the cache, against a scripted model. */
import { claudeCodeEngine } from '../agents/claude-code/claude-code.ts'
import { ClaudeCodeSettings } from '../agents/claude-code/settings.ts'
import { agentProgram } from '../resolve/agents.ts'
import type { EngineSubject } from './engine-world.ts'
import { tool } from './messages-script.ts'

/** What a person's config would say of it. */
export const claudeSettings = (): ClaudeCodeSettings => ClaudeCodeSettings.parse({ command: [agentProgram('claude')] })

export const claudeSubject = (): EngineSubject => ({
  engine: claudeCodeEngine(claudeSettings()),
  hostTool: (name) => `mcp__sluice__${name}`,
  write: (path, content) => tool('Write', { file_path: path, content }),
  // It runs no bare `sleep` in the foreground: that is for those who wait for something else.
  shell: (command) => tool('Bash', { command: `sh -c '${command.replaceAll("'", "'\\''")}'` }),
  // Each is a start of the program and of the jail: those around the beginning, the middle and the end.
  cuts: (entries) => [...new Set([1, 2, 4, Math.floor(entries / 2), entries - 5, entries - 2, entries - 1])],
  repeats: 1,
  timeoutMs: 60_000,
})
