/** The command line and the environment under which the person's `claude` works for a run: nothing of their settings, all of ours. */
import type { Effort } from '@sluice/proto/parts.ts'
import { HOST_TOOLS_NAME, HOST_TOOLS_PATH } from '../../host-tools.ts'

/** Stands where a key would: the gateway puts in the real one. */
export const PLACEHOLDER_KEY = 'sk-ant-none-the-gateway-has-it'
/** Where hooks are told, on the run's socket. */
export const HOOK_PATH = '/hook'

/** What it may use of its own where it has a place to work in. Anything that asks the person, plans or leaves the machine is ours to offer. */
const HANDS = 'Bash,Read,Edit,Write,Glob,Grep,NotebookEdit,TodoWrite,Agent,TaskOutput,TaskStop,Monitor'
const HOOKS = [
  ...['SessionStart', 'UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'PostToolUseFailure', 'PostToolBatch'],
  ...['PermissionRequest', 'PermissionDenied', 'Notification', 'Stop', 'StopFailure', 'PostCompact', 'SessionEnd'],
]
/** A question to the person may stay open for as long as its run. */
const HOOK_SECONDS = 24 * 3600
const MAX_OUTPUT_TOKENS = 32_000

export type CommandPlan = {
  program: readonly string[]
  /** A session of Claude Code's own; `resume` where it has one under this id already. */
  session: string
  resume: boolean
  prompt: string
  system: string
  /** It has a place: then its own tools and its own words stay, and ours are added. */
  hasPlace: boolean
  choice: { model: string; effort?: Effort }
  /** The file that names MCP servers beside ours: what stands on a command line, everybody on the machine can read. */
  mcpFile: string | null
  /** The port on which the jail reaches the run's socket. */
  port: number
}

export function commandLine(plan: CommandPlan): string[] {
  const { program, session, resume, prompt, system, hasPlace, choice, mcpFile, port } = plan
  const url = `http://127.0.0.1:${port}`
  const server = { type: 'http', url: `${url}${HOST_TOOLS_PATH}`, alwaysLoad: true }
  return [
    ...program,
    ...(resume ? ['--resume', session] : ['--session-id', session]),
    // The judged tree does not tell its judge's agent what to do, nor do the person's own hooks run here.
    ...['--setting-sources', '', '--settings', JSON.stringify({ hooks: hooksTo(`${url}${HOOK_PATH}`) })],
    ...['--strict-mcp-config', '--mcp-config', JSON.stringify({ mcpServers: { [HOST_TOOLS_NAME]: server } })],
    ...(mcpFile ? [mcpFile] : []),
    ...['--permission-mode', 'manual', '--tools', hasPlace ? HANDS : ''],
    ...[hasPlace ? '--append-system-prompt' : '--system-prompt', system],
    ...['--model', choice.model, ...(choice.effort ? ['--effort', choice.effort] : [])],
    ...['--', prompt],
  ]
}

function hooksTo(url: string): Record<string, unknown> {
  const hook = (name: string) => ({
    ...{ type: 'http', url, timeout: HOOK_SECONDS },
    // Where nobody answers, nothing is allowed.
    onFailure: name === 'PermissionRequest' || name === 'PreToolUse' ? 'block' : 'continue',
  })
  return Object.fromEntries(HOOKS.map((name) => [name, [{ matcher: '*', hooks: [hook(name)] }]]))
}

export type EnvPlan = { configDir: string; port: number; login: boolean; maxTokens?: number; idleMs: number }

export const environment = ({ configDir, port, login, maxTokens = MAX_OUTPUT_TOKENS, idleMs }: EnvPlan) => ({
  ...{ TERM: 'xterm-256color', COLORTERM: 'truecolor', PAGER: 'cat', GIT_PAGER: 'cat', GIT_TERMINAL_PROMPT: '0' },
  ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}`,
  // With a key there would be no login: the program prefers it.
  ...(login ? {} : { ANTHROPIC_API_KEY: PLACEHOLDER_KEY }),
  CLAUDE_CONFIG_DIR: configDir,
  CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(maxTokens),
  // We have the policy of what is tried again after that, and the clock of silence.
  ...{ CLAUDE_CODE_MAX_RETRIES: '4', API_TIMEOUT_MS: String(Math.max(idleMs * 5, 600_000)) },
  ...{ CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1', DISABLE_TELEMETRY: '1' },
  ...{
    DISABLE_ERROR_REPORTING: '1',
    CLAUDE_CODE_DISABLE_TERMINAL_TITLE: '1',
    CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY: '1',
  },
  // Its first request holds our tools, so that the second one finds the prompt in the cache.
  ...{ MCP_CONNECTION_NONBLOCKING: '0', ENABLE_TOOL_SEARCH: 'false', MCP_TOOL_TIMEOUT: String(HOOK_SECONDS * 1000) },
  // It is one: our own jail, around all of it.
  IS_SANDBOX: '1',
})
