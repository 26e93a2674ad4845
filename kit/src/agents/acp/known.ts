/** What some agents must be told so that they ask our gateway and nobody else; the person's own `env` comes after it. */
export type Known = {
  env(task: { hasPlace: boolean; asks: boolean }): Record<string, string>
  /** The session mode in which it asks before it acts, where another is its default. */
  mode?: string
  /** Given with a new session: some take their limits there. */
  meta?(task: { hasPlace: boolean }): Record<string, unknown>
}

/** Enough to be taken for a key; the real one is in the gateway. */
export const PLACEHOLDER_KEY = 'sk-ant-sluice-placeholder'

const claude: Known = {
  env: () => ({
    ANTHROPIC_MODEL: '{model}',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    // As root it would refuse to work unasked; it is in a jail.
    IS_SANDBOX: '1',
    // Else it looks for the tools of its MCP servers before it calls them, and some models do not.
    ENABLE_TOOL_SEARCH: 'false',
  }),
  mode: 'default',
  // The repository under work does not configure who works on it.
  meta: ({ hasPlace }) => ({ claudeCode: { options: { settingSources: [], ...(hasPlace ? {} : { tools: [] }) } } }),
}

const OPENCODE_HANDS = [
  'write',
  'edit',
  'patch',
  'bash',
  'read',
  'grep',
  'glob',
  'list',
  'task',
  'webfetch',
  'websearch',
]

const opencode: Known = {
  env: ({ hasPlace, asks }) => ({
    OPENCODE_CONFIG_CONTENT: JSON.stringify({
      ...{ model: 'anthropic/{model}', small_model: 'anthropic/{model}', enabled_providers: ['anthropic'] },
      ...{ autoupdate: false, share: 'disabled' },
      ...(hasPlace ? {} : { tools: Object.fromEntries(OPENCODE_HANDS.map((hand) => [hand, false])) }),
      // Unasked is its default.
      ...(asks ? { permission: { edit: 'ask', bash: 'ask', webfetch: 'ask' } } : {}),
      provider: {
        anthropic: {
          npm: '@ai-sdk/anthropic',
          options: { baseURL: '{url}/v1', apiKey: PLACEHOLDER_KEY },
          models: { '{model}': { name: '{model}' } },
        },
      },
    }),
    ...{ OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1' },
  }),
}

const known: [name: RegExp, what: Known][] = [
  [/^claude-(agent|code)-acp/, claude],
  [/^opencode/, opencode],
]

/** By the names in its command: `node …/claude-agent-acp/dist/index.js` is known as well as `claude-agent-acp`. */
export function knownAgent(command: readonly string[]): Known {
  const names = command.flatMap((part) => part.split('/'))
  return known.find(([name]) => names.some((one) => name.test(one)))?.[1] ?? { env: () => ({}) }
}
