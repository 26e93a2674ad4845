/** Real agents that speak the Agent Client Protocol, pinned in `test/agents`, as a person's config would name them. */
import { AcpConfig } from '../agents/acp/config.ts'
import { agentProgram } from '../resolve/agents.ts'

export const opencode = (): AcpConfig => AcpConfig.parse({ command: [agentProgram('opencode'), 'acp', '--pure'] })

/** Brings no Claude Code of its own here: it is told of the one that is pinned beside it. */
export const claudeAgent = (): AcpConfig =>
  AcpConfig.parse({
    command: [process.execPath, agentProgram('claude-agent-acp')],
    env: { CLAUDE_CODE_EXECUTABLE: agentProgram('claude') },
  })
