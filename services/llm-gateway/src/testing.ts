/** A gateway between a test and the scripted Messages API. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLog } from '@sluice/kit/log.ts'
import { type MessagesApi, startMessagesApi } from '@sluice/kit/testing/messages-api.ts'
import type { ScriptedModel } from '@sluice/kit/testing/messages-script.ts'
import type { LedgerEntry } from '@sluice/proto/rest.ts'
import { type Gateway, type GatewayConfig, startGateway } from './gateway.ts'

export const realKey = 'sk-ant-real-key-0123456789'
export const secrets = { analyst: 'secret-of-the-analyst', web: 'secret-of-web', telemetry: 'secret-of-telemetry' }

export type Published = Parameters<GatewayConfig['publishUsage']>[0]

export type GatewayWorld = AsyncDisposable & {
  api: MessagesApi
  gateway: Gateway
  /** The data directory. */
  dir: string
  published: Published[]
  /** All that the gateway has logged, as it stands in the log. */
  logged(): string
  /** A token of a new run of the story. */
  run(over?: Record<string, unknown>): Promise<string>
  ask(token: string, over?: Record<string, unknown>, init?: RequestInit): Promise<Response>
  ledger(storyId?: string): Promise<LedgerEntry[]>
  /** Every byte of the data directory. */
  written(): Promise<string>
}

export async function gatewayWorld(model: ScriptedModel, over: Partial<GatewayConfig> = {}): Promise<GatewayWorld> {
  const dir = await mkdtemp(join(tmpdir(), 'slc-gateway-'))
  const api = await startMessagesApi({ model, keys: [realKey] })
  const published: Published[] = []
  const log: string[] = []
  const gateway = await startGateway({
    upstream: api.url,
    key: { apiKey: realKey },
    secrets: async () => secrets,
    dataDir: dir,
    log: openLog('llm-gateway', { write: (line) => void log.push(line) }),
    spent: [],
    publishUsage: async (said) => void published.push(said),
    ...over,
  })
  const post = (path: string, secret: string, body: unknown, init: RequestInit = {}) =>
    fetch(`${gateway.url}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      ...init,
      headers: { authorization: `Bearer ${secret}`, 'anthropic-version': '2026-10-21', ...init.headers },
    })
  return {
    api,
    gateway,
    dir,
    published,
    logged: () => log.join(''),
    async run(over = {}) {
      const run = { storyId: 's1', role: 'analyst', runId: 'run-1', attempt: 1, budgetUsd: 5, egress: [], ...over }
      const reply = await post('/runs', secrets.analyst, run)
      return ((await reply.json()) as { token: string }).token
    },
    ask: (token, over = {}, init) => post('/v1/messages', token, { ...message, ...over }, init),
    async ledger(storyId) {
      const reply = await fetch(`${gateway.url}/ledger${storyId ? `?storyId=${storyId}` : ''}`, {
        headers: { authorization: `Bearer ${secrets.web}` },
      })
      return (await reply.json()) as LedgerEntry[]
    },
    async written() {
      const files = await readdir(dir, { recursive: true, withFileTypes: true })
      const paths = files.filter((file) => file.isFile()).map(({ parentPath, name }) => join(parentPath, name))
      return (await Promise.all(paths.map((path) => readFile(path, 'utf8')))).join('')
    },
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]()
      await api.close()
      await rm(dir, { recursive: true })
    },
  }
}

export const message = {
  model: 'claude-opus-5-5',
  max_tokens: 1_000,
  stream: true,
  messages: [{ role: 'user', content: 'Hello?' }],
}
