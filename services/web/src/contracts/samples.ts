/** Examples for the contracts, small and true to their schemas. */
import type { Artifact, Finding } from '@sluice/proto/parts.ts'
import type {
  Board,
  CheckpointView,
  ClearedDisk,
  Compared,
  Comparison,
  Disk,
  DiskEntry,
  Engines,
  Forecast,
  LedgerEntry,
  LimiterView,
  MemoryEntryView,
  MemoryHit,
  MemoryState,
  Models,
  Money,
  ParkedView,
  PreviewView,
  RunView,
  SeatView,
  ServiceView,
  Session,
  StoryEvents,
  Trace,
} from '@sluice/proto/rest.ts'
import type { ChangedFile, SentVerdict, Taken } from '@sluice/proto/seat.ts'
import type { TermEvent } from '@sluice/proto/term.ts'

export const eventId = 'GoYWTdV6R0ZoQiVf4eGjCt'
export const digest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const [storyId, projectId, at] = ['keep-drafts-1f0a9c3e52', 'my-app-1a2b3c4d', '2026-11-26T14:40:00.000Z']
export const usage = {
  inputTokens: 1800,
  cacheReadTokens: 12_000,
  cacheWriteTokens: 900,
  outputTokens: 640,
  costUsd: 0.031,
}
const occupant = { program: 'sluice', version: '0.1.0', engine: 'anthropic', model: 'claude-sonnet' }

export const board: Board = {
  sequence: 412,
  cards: [
    {
      ...{ id: storyId, projectId, title: 'Keep drafts', stage: 'scope', status: 'running' },
      ...{ waitingFor: 'Approve scope or send it back.', needsPerson: true, working: [], round: 0 },
      ...{ usage, budgetUsd: 5, auto: false, submitted: at, updated: at, commit: null, sequence: 412 },
    },
  ],
}

const event = (type: string, source: string, data: unknown, causationId: string | null = null) => ({
  ...{ specversion: '1.0' as const, id: eventId, source, type, time: at, datacontenttype: 'application/json' as const },
  ...{ projectId, storyId, causationId, data },
})

export const events: StoryEvents = {
  sequence: 412,
  events: [
    {
      ...{ sequence: 412, subject: `story.${storyId}.budget.raised.web` },
      event: event('budget.raised', 'web', { budgetUsd: 12.5 }),
    },
  ],
}

export const eventStream = `id: 412\ndata: ${JSON.stringify(events.events[0])}\n\nevent: live\ndata: {"sequence":412}\n\n`

export const runs: RunView[] = [
  {
    ...{ runId: eventId, source: 'analyst', attempts: 1, started: at, occupant },
    notes: [
      { at, attempt: 1, kind: 'tool', text: 'git log', tool: 'shell', callId: 'toolu_01' },
      { at, attempt: 1, kind: 'todo', text: '▸ Keep drafts', todo: [{ text: 'Keep drafts', state: 'doing' }] },
    ],
  },
]

export const preview: PreviewView = {
  ...{ state: 'running', address: 'http://0f3b6c1d9a7e4f2083b5d6c7e8f90a1b.localhost:7202/', outdated: false },
  ...{ commit: 'b'.repeat(40), command: 'npm run dev -- --port $PORT', problem: null, since: at },
  log: '$ npm run dev -- --port $PORT\nready\n',
}
export const previewOff: PreviewView = { ...preview, state: 'off', address: null, log: '', since: null }

export const trace: Trace = {
  ...{ storyId, traceId: '4bf92f3577b34da6a3ce929d0e0e4736' },
  spans: [
    {
      ...{ id: '00f067aa0ba902b7', parent: null, name: 'Keep drafts', service: 'web', kind: 'story' },
      ...{ start: 1_795_704_000_000, end: null, costUsd: 0.031, tokens: 15_340, outcome: 'running', event: eventId },
    },
  ],
}

export const termEvent: TermEvent = {
  ...{ source: 'implementer', runId: eventId },
  frame: { at, n: 7, cols: 120, rows: 32, data: '$ npm test\r\n' },
}

export const session: Session = {
  version: '0.1.0',
  bus: { url: 'ws://127.0.0.1:41235', user: 'page', password: 'slc_…', problem: null },
  frames: 'http://localhost:4748/c2VjcmV0',
  project: { id: projectId, name: 'my-app', root: '/home/me/my-app', base: 'main', demo: false },
  engine: { name: 'anthropic', model: 'claude-sonnet', scripted: null, upstream: 'https://api.anthropic.com' },
  ...{ foreignUpstream: false, jail: { kind: 'bubblewrap', problem: null }, budgetUsd: 5, demo: null },
  engines: ['anthropic'],
  crew: { implementer: { engine: 'anthropic', model: 'claude-sonnet', effort: 'high' } },
}

export const service: ServiceView = {
  ...{ name: 'implementer', replica: '2', version: '0.1.0', pid: 4711, state: 'running', restarts: 0, busy: 1 },
  ...{ pending: 3, lastError: null, alive: true, handled: 12 },
}

export const ledgerEntry: LedgerEntry = {
  ...{ at, door: 'model', host: 'api.anthropic.com', bytesOut: 18_211, bytesIn: 4_120, storyId, role: 'analyst' },
  ...{ runId: eventId, outcome: '200', model: 'claude-sonnet', usage },
}

const remembered = {
  ...{ entry: storyId, origin: 'story' as const, storyId, title: 'Keep drafts', summary: 'Drafts live in IndexedDB.' },
  ...{ files: ['src/drafts.ts'], commit: 'b'.repeat(40), at, pinned: false, edited: false, reverted: null },
}

export const memoryHit: MemoryHit = { ...remembered, score: 4.2 }

export const memoryEntry: MemoryEntryView = {
  ...remembered,
  forgotten: false,
  recorded: { title: remembered.title, summary: remembered.summary },
  from: [{ kind: 'event', id: eventId, what: 'story.shipped', at }],
}

export const memoryState: MemoryState = {
  ...{ stories: 12, history: 340, forgotten: 1 },
  reading: { state: 'read', done: 340, of: 340, why: null },
}

const slice = (name: string) => ({ name, calls: 9, unpriced: 0, usage })

const spread = { median: 1.2, most: 3.4 }
export const forecast: Forecast = {
  ...{ stories: 12, least: 5, total: spread },
  stages: [{ stage: 'scope', median: 0.1, most: 0.3 }],
}

export const limits: LimiterView = {
  ...{ calls: 8, underWay: 3, waiting: 2 },
  held: [{ account: 'key', model: 'claude-opus-5-5', until: at, why: 'the provider limits the rate' }],
  windows: [{ name: '5h', used: 0.42, resetsAt: at, status: 'allowed', at }],
}

export const money: Money = {
  ...{ scripted: null, total: slice('total'), roles: [slice('analyst')], models: [slice('claude-sonnet')] },
  ...{ stages: [slice('scope')], replicas: [slice('analyst 1')] },
  ...{ estimated: slice('estimated'), plan: slice('plan'), forecast },
  days: [slice('2026-11-26')],
  stories: [{ ...slice(storyId), title: 'Keep drafts', status: 'running', budgetUsd: 5 }],
}

export const engines: Engines = {
  engines: [{ name: 'anthropic', works: true, says: '0.1.0', mend: null }],
  roles: { implementer: { engine: 'anthropic', model: 'claude-sonnet', effort: 'high' } },
}

export const models: Models = {
  ...{ from: 'api', problem: null },
  models: [
    {
      ...{ id: 'claude-sonnet', name: 'Claude Sonnet', efforts: ['low', 'medium', 'high'], images: true },
      ...{ context: 1_000_000, maxTokens: 128_000 },
    },
  ],
}

export const parked: ParkedView = {
  ...{ sequence: 77, storyId, subject: `story.${storyId}.build.requested.orchestrator`, at },
  reason: 'Five attempts ended without a word.',
}

export const seat: SeatView = {
  ...{ seat: 'acme', sitting: { kind: 'external' }, required: true, state: 'running', pending: 0 },
  file: '/home/me/.local/share/sluice/work/seats/acme.json',
}

export const taken: Taken = {
  ...{ take: `${storyId}.${eventId}.12`, attempt: 12, deadline: '2026-11-26T16:40:00.000Z', aliveWithinSeconds: 60 },
  request: event('review.requested', 'orchestrator', { seats: ['acme'], round: 1 }, 'U_7xdE-fwnzrpkT4ZG1G_U'),
}

const finding: Omit<Finding, 'id' | 'seat'> = {
  ...{ severity: 'high', blocking: true, path: 'src/login.js', startLine: 2, endLine: 2 },
  claim: 'A password stands in the file: whoever reads it can log in.',
  evidence: 'const password = "…"',
}

export const sentVerdict: SentVerdict = {
  ...{ verdict: 'reject', summary: 'One password in the sources.', findings: [finding] },
  earlier: [{ findingId: 'f-3f6c0f1f2a9f0b17', resolved: true, note: 'The query is prepared now.' }],
  occupant: { program: 'leftovers.py', version: '1.0.0' },
}

export const changedFile: ChangedFile = {
  ...{ path: 'src/login.js', status: 'modified', additions: 12, deletions: 3, binary: false },
}

export const artifact: Artifact = { sha256: digest, bytes: 4_120, mediaType: 'text/markdown', name: 'requirements.md' }

const onDisk: DiskEntry = {
  ...{ kind: 'worktree', name: storyId, bytes: 48_000_000, storyId, goes: true },
  why: 'Its story has ended: every byte is committed to a kept ref or archived before it goes.',
}

export const disk: Disk = {
  dir: '/home/me/.local/share/sluice/work',
  bytes: 48_000_000,
  goes: 48_000_000,
  entries: [onDisk],
}

export const clearedDisk: ClearedDisk = { bytes: 48_000_000, removed: [onDisk], stayed: [] }

export const checkpoint: CheckpointView = {
  ...{ n: 3, run: eventId, commit: 'b'.repeat(40), tree: 'c'.repeat(40), parent: 'a'.repeat(40), at },
  ...{ title: 'Turn 7: edit src/drafts.ts, npm test', turn: 7 },
  files: [{ path: 'src/drafts.ts', additions: 12, deletions: 3 }],
}

const compared = (id: string, chosen: string): Compared => ({
  ...{ id, title: 'Keep drafts', stage: 'review', parent: null, chosen, occupants: { implementer: chosen } },
  ...{ commit: 'b'.repeat(40), tree: 'c'.repeat(40), files: 2, additions: 40, deletions: 6, usage },
  ...{ rounds: 1, turns: 12, seconds: 640, findings: { high: 0, medium: 1, low: 0, info: 2 }, pictures: [] },
  checks: [{ name: 'test', passed: true }],
})

export const comparison: Comparison = {
  one: compared(storyId, 'anthropic claude-sonnet'),
  other: { ...compared('keep-drafts-fork-2a90b1c4d7', 'claude-code claude-opus'), parent: storyId },
  files: [{ path: 'src/drafts.ts', additions: 4, deletions: 9 }],
  patch: 'diff --git a/src/drafts.ts b/src/drafts.ts\n',
}
