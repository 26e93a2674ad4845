/** What REST says: commands of a person, views for page and command line. Served by `web` behind the session token. */
import { z } from 'zod'
import { Envelope, EventId, Instant, Sha256, Token } from './event.ts'
import {
  Artifact,
  Choice,
  Choices,
  Effort,
  Limits,
  MOST_WORDS,
  Occupant,
  PermissionAsked,
  Picture,
  QuestionAnswer,
  Usage,
} from './parts.ts'
import { Sitting } from './seat.ts'
import { TodoItem } from './todo.ts'

/** Every refusal, of any route: what is wrong in one sentence, and what to do about it. */
export const Problem = z.object({
  error: z.string(),
  mend: z.string(),
  /** With 409 of a decision: what is on the table now. */
  current: z.object({ gate: Token, digest: Sha256 }).nullable().optional(),
})
export type Problem = z.infer<typeof Problem>

// ── commands: POST /api/stories and /api/stories/:id/<verb> ─────────────────────────
// Each takes an optional `Idempotency-Key` header: the same key again is the same event.

/** A file whose bytes were put under `/artifacts/<sha256>`: what it is, is read from them. */
export const Attached = z.object({ sha256: Sha256, name: z.string().min(1).max(300) })
export type Attached = z.infer<typeof Attached>

export const NewStory = z.object({
  /** Up to 64 kB of UTF-8. */
  text: z.string(),
  title: z.string().optional(),
  budgetUsd: z.number().positive().optional(),
  /** Lines beside the budget, in place of the person's own. */
  limits: Limits.optional(),
  /** Gates are approved by policy (`auto`), not by a person. */
  auto: z.boolean().optional(),
  /** What every role of this story works with, and what single roles do; what is left out is as configured. */
  choice: Choice.optional(),
  choices: Choices.optional(),
  /** Pictures and files that every agent is given. */
  attachments: z.array(Attached).optional(),
})
export const Approve = z.object({
  gate: Token,
  digest: Sha256,
  comment: z.string().optional(),
  /** Dismisses every finding that stands in the way, with this reason. */
  dismiss: z.string().min(1).optional(),
})
export const Reject = z.object({ gate: Token, digest: Sha256, comment: z.string().min(1) })
/** `request` is the run that asks. `key` is wanted where it is still at work and nothing of it stands in the story yet. */
export const Permit = z.object({
  ...{ request: EventId, permission: z.string().min(1), allow: z.boolean(), key: z.string().min(1).optional() },
  ...{ forStory: z.boolean().optional(), reason: z.string().max(2_000).optional() },
})
export const AnswerQuestions = z.object({ request: EventId, answers: z.array(QuestionAnswer).min(1) })
/** A new hard line, other lines, or just that it may go on: then the lines that stop it are moved by half. */
export const RaiseBudget = z.object({
  budgetUsd: z.number().positive().optional(),
  limits: Limits.optional(),
  goOn: z.boolean().optional(),
})
export const Dismiss = z.object({ findingId: z.string(), reason: z.string().min(1) })
export const Retry = z.object({ comment: z.string().optional() })
export const Cancel = z.object({ reason: z.string().optional() })
/** Words for whoever works, or the role that is named: heard before its next turn. */
export const Steer = z.object({
  text: z.string().max(MOST_WORDS),
  role: Token.optional(),
  attachments: z.array(Attached).optional(),
})
export const Attach = z.object({ attachments: z.array(Attached).min(1), words: z.string().max(MOST_WORDS).optional() })
export const Pause = z.object({ reason: z.string().optional() })
export const Resume = z.object({})
export const Stop = z.object({ reason: z.string().optional() })
export const Take = z.object({})
/** POST /api/stories/:id/hand-back: `done` hands the person's work in as the build. */
export const HandBack = z.object({ words: z.string().max(MOST_WORDS).optional(), done: z.boolean().optional() })
/** POST /api/stories/:id/interrupt, and whom it reached. */
export const Interrupt = z.object({ role: Token.optional() })
export const Interrupted = z.object({ role: Token, request: EventId })
export type Interrupted = z.infer<typeof Interrupted>
/** POST /api/stories/:id/runs/:source/:runId/keys: what a person presses at a running agent's terminal. */
export const Keys = z.object({ data: z.string().min(1).max(4_096) })

/** POST /api/stories/:id/open: the worktree that the person's editor was started on. */
export const Opened = z.object({ path: z.string() })
export type Opened = z.infer<typeof Opened>

/** POST /api/stories/:id/rewind. `talk`: the conversation is kept unless it is to be cut where the checkpoint was made. */
export const Rewind = z.object({
  n: z.int().positive(),
  /** Only these files, as the repository names them. */
  files: z.array(z.string().min(1)).min(1).optional(),
  talk: z.enum(['kept', 'cut']).optional(),
})
/** POST /api/stories/:id/fork: 201, a story of its own that begins after this gate. */
export const Fork = z.object({
  at: z.enum(['scope', 'design', 'architecture', 'review']),
  title: z.string().optional(),
  budgetUsd: z.number().positive().optional(),
  auto: z.boolean().optional(),
  choice: Choice.optional(),
  choices: Choices.optional(),
})
/** POST /api/stories/:id/keep. */
export const Keep = z.object({ reason: z.string().optional() })
export const Kept = z.object({ kept: Token, cancelled: z.array(Token) })
export type Kept = z.infer<typeof Kept>

/** 201 of POST /api/stories. */
export const Submitted = z.object({ id: Token })
export type Submitted = z.infer<typeof Submitted>
/** 200 of every other command: the event it became; of words whether they were heard yet, and what becomes of it in a sentence. */
export const Commanded = z.object({ event: EventId, heard: z.boolean().optional(), says: z.string().optional() })
export type Commanded = z.infer<typeof Commanded>

// ── what came of it: checkpoints, forks side by side ─────────────────────────

export const FileChange = z.object({ path: z.string(), additions: z.int(), deletions: z.int() })
export type FileChange = z.infer<typeof FileChange>

/** GET /api/stories/:id/checkpoints, oldest first. `files` is what changed since `parent`; `turn` null: a rewind made it. */
export const CheckpointView = z.object({
  n: z.int().positive(),
  run: z.string(),
  commit: z.string(),
  tree: z.string(),
  parent: z.string(),
  at: Instant,
  title: z.string(),
  turn: z.int().nullable(),
  files: z.array(FileChange),
})
export type CheckpointView = z.infer<typeof CheckpointView>

/** One story as it is compared. `commit` is what it handed in last, or its last checkpoint, or where it began. */
export const Compared = z.object({
  id: Token,
  title: z.string(),
  stage: z.string(),
  parent: Token.nullable(),
  chosen: z.string(),
  occupants: z.record(Token, z.string()),
  commit: z.string(),
  tree: z.string(),
  files: z.int(),
  additions: z.int(),
  deletions: z.int(),
  usage: Usage,
  rounds: z.int(),
  turns: z.int(),
  seconds: z.number(),
  findings: z.object({ high: z.int(), medium: z.int(), low: z.int(), info: z.int() }),
  checks: z.array(z.object({ name: z.string(), passed: z.boolean() })),
  pictures: z.array(Picture),
})
export type Compared = z.infer<typeof Compared>

/** GET /api/stories/:id/compare/:other: both, and what differs from the first to the second; `patch` is text. */
export const Comparison = z.object({ one: Compared, other: Compared, files: z.array(FileChange), patch: z.string() })
export type Comparison = z.infer<typeof Comparison>

/** The app of a story, run for a person to look at. `address` is good for this start only, and for whoever knows it. */
export const PreviewView = z.object({
  state: z.enum(['off', 'preparing', 'starting', 'running', 'ended']),
  address: z.url().nullable(),
  commit: z.string().nullable(),
  /** The story has built something newer since. */
  outdated: z.boolean(),
  /** What starts it; null where the project says none. */
  command: z.string().nullable(),
  problem: z.string().nullable(),
  /** The end of what set-up and app said. */
  log: z.string(),
  since: Instant.nullable(),
})
export type PreviewView = z.infer<typeof PreviewView>

// ── views ────────────────────────────────────────────────────────────────────

/** What a board shows of one story, ≤ 2 kB. */
export const Card = z.object({
  id: Token,
  projectId: Token,
  title: z.string(),
  stage: z.enum(['scope', 'design', 'architecture', 'implementation', 'review', 'release', 'shipped', 'cancelled']),
  status: z.enum(['running', 'shipped', 'cancelled']),
  /** What the story stands still for, in words; null while somebody works on it. */
  waitingFor: z.string().nullable(),
  /** It is the person it waits for. */
  needsPerson: z.boolean(),
  /** What the person is wanted for, the most stopping first. */
  wants: z
    .object({
      kind: z.enum([
        'gate',
        'questions',
        'permission',
        'budget',
        'limit',
        'stuck',
        'account',
        'checkout',
        'person',
        'failed',
      ]),
      gate: Token.optional(),
      since: Instant,
    })
    .optional(),
  working: z.array(z.string()),
  round: z.int(),
  usage: Usage,
  budgetUsd: z.number(),
  auto: z.boolean(),
  /** A person holds it; `lent`: they have its worktree. */
  held: z.enum(['paused', 'stopped', 'taken', 'lent']).optional(),
  /** What its roles work with, where the person chose it for this story. */
  chosen: z.string().optional(),
  /** It is a fork of this story. */
  parent: Token.optional(),
  submitted: Instant,
  updated: Instant,
  commit: z.string().nullable(),
  /** STORY sequence of the last event folded in. */
  sequence: z.int(),
})
export type Card = z.infer<typeof Card>

/** GET /api/stories: every card, and the sequence from which a subscriber goes on. */
export const Board = z.object({ sequence: z.int(), cards: z.array(Card) })
export type Board = z.infer<typeof Board>

/** GET /api/stories/:id/events: fold them with `evolve`; go on live after `sequence`. */
export const StoryEvents = z.object({
  sequence: z.int(),
  events: z.array(z.object({ sequence: z.int(), subject: z.string(), event: Envelope })),
})
export type StoryEvents = z.infer<typeof StoryEvents>

/**
 * GET /api/events[?from=<sequence>][&storyId=]: server-sent events, each a `StreamedEvent` with its sequence as its id; `Last-Event-ID` goes
 * on after it. `live` says that all recorded up to its sequence was told, `away` that the bus is gone for now.
 */
export const StreamedEvent = z.object({ sequence: z.int(), subject: z.string(), event: Envelope })
export type StreamedEvent = z.infer<typeof StreamedEvent>
export const StreamState = z.object({ sequence: z.int() })
export type StreamState = z.infer<typeof StreamState>

/** GET /api/session: who and what is here; also how the page reaches the bus. */
export const Session = z.object({
  version: z.string(),
  /** `problem`: what this broker lets anybody say or read who must not; shown on every page. */
  bus: z.object({
    url: z.string(),
    user: z.string(),
    password: z.string(),
    problem: z.string().nullable().default(null),
  }),
  /** What agents wrote is framed from here only: `<frames>/<sha256>`. Another origin, no cookies, no network. */
  frames: z.string(),
  project: z.object({ id: Token, name: z.string(), root: z.string(), base: z.string(), demo: z.boolean() }),
  engine: z.object({ name: z.string(), model: z.string(), scripted: z.string().nullable(), upstream: z.string() }),
  /** Any upstream but Anthropic's is named on every page. */
  foreignUpstream: z.boolean(),
  /** `held`: what was tried at the start and did not get out. */
  jail: z.object({
    kind: z.enum(['bubblewrap', 'seatbelt', 'none']),
    problem: z.string().nullable(),
    held: z.string().optional(),
  }),
  budgetUsd: z.number(),
  /** The stories the scripted model plays, and no others; null where a real model works. */
  demo: z.object({ stories: z.array(z.object({ title: z.string(), text: z.string() })) }).nullable(),
  /** Engines a story may choose, and by role what it works with unless the story says otherwise. */
  engines: z.array(z.string()).default([]),
  crew: z.record(Token, Choice.required({ engine: true, model: true })).default({}),
})
export type Session = z.infer<typeof Session>

/** A model that a story may choose. What is not known of it is left out. */
export const ModelView = z.object({
  id: z.string(),
  name: z.string(),
  /** The efforts it knows; empty: it has none to choose. */
  efforts: z.array(Effort).optional(),
  /** Whether it sees pictures. */
  images: z.boolean().optional(),
  /** Tokens it reads at most, and writes in one message. */
  context: z.int().positive().optional(),
  maxTokens: z.int().positive().optional(),
})
export type ModelView = z.infer<typeof ModelView>
/** GET /api/engines: which engines work on this machine, and what each role is set to use. */
export const Engines = z.object({
  engines: z.array(z.object({ name: z.string(), works: z.boolean(), says: z.string(), mend: z.string().nullable() })),
  roles: z.record(Token, Choice.required({ engine: true, model: true })),
})
export type Engines = z.infer<typeof Engines>

/** GET /api/models. `from` says who was asked; `problem` why it was not the API. */
export const Models = z.object({
  from: z.enum(['api', 'prices']),
  problem: z.string().nullable(),
  models: z.array(ModelView),
})
export type Models = z.infer<typeof Models>

/** GET /api/stories/:id/trace: spans over services, parents before children. Milliseconds since the epoch. */
export const Span = z.object({
  id: z.string(),
  parent: z.string().nullable(),
  name: z.string(),
  service: z.string(),
  /** `attempt` one process at work on a request, `check` a command of the project, `event` something said on the bus. */
  kind: z.enum(['story', 'stage', 'request', 'wait', 'attempt', 'model', 'tool', 'check', 'person', 'event']),
  start: z.number(),
  end: z.number().nullable(),
  costUsd: z.number(),
  tokens: z.int(),
  outcome: z.string(),
  event: EventId.nullable(),
  failed: z.boolean().optional(),
  /** Spans that caused this one and are not its parents. */
  links: z.array(z.string()).optional(),
  /** By the names of OpenTelemetry's conventions: numbers, names and codes, never what anybody wrote. */
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])).optional(),
})
export type Span = z.infer<typeof Span>
export const Trace = z.object({
  storyId: Token,
  traceId: z.string(),
  spans: z.array(Span),
  /** The `traceparent` with which the story was submitted: the root's link. */
  caller: z.string().optional(),
})
export type Trace = z.infer<typeof Trace>

/** GET /api/stories/:id/runs: what runs wrote for people, newest last. */
export const RunView = z.object({
  runId: z.string(),
  source: Token,
  attempts: z.int(),
  started: Instant,
  occupant: Occupant.nullable(),
  /** What held what it started, as it was tried out. */
  jail: z.string().optional(),
  /** What it was asked to work with, before anybody answered. */
  choice: Choice.optional(),
  notes: z.array(
    z.object({
      at: Instant,
      attempt: z.int(),
      kind: z.string(),
      text: z.string(),
      /** Of a tool's call: which tool, which call, and once it has ended whether it went well. */
      tool: z.string().optional(),
      callId: z.string().optional(),
      ok: z.boolean().optional(),
      /** The list the agent keeps, as it stood then. */
      todo: z.array(TodoItem).optional(),
      /** What a command in the background or the set-up printed, whole. */
      log: Artifact.optional(),
    }),
  ),
  /** What it asks to be allowed and nobody has answered yet. */
  permissions: z.array(PermissionAsked).optional(),
  /** Terminals of rounds that ended without a build; a build names its own. */
  recordings: z.array(Artifact).optional(),
})
export type RunView = z.infer<typeof RunView>

/** GET /api/services, and what the supervisor answers to `command.services` on the bus: `{ services: ServiceView[] }`. */
export const ServiceView = z.object({
  name: Token,
  replica: z.string(),
  version: z.string(),
  pid: z.int().nullable(),
  state: z.enum(['running', 'starting', 'stopped']),
  restarts: z.int(),
  busy: z.int(),
  pending: z.int().nullable(),
  lastError: z.string().nullable(),
  /** It answered for itself on the bus just now; absent where nothing can answer, as for the broker. */
  alive: z.boolean().optional(),
  /** Requests it is done with since it began. */
  handled: z.int().optional(),
})
export type ServiceView = z.infer<typeof ServiceView>

/** GET /api/parked, POST /api/parked/:sequence/resend */
export const ParkedView = z.object({
  sequence: z.int(),
  storyId: z.string(),
  subject: z.string(),
  reason: z.string(),
  at: Instant,
})
export type ParkedView = z.infer<typeof ParkedView>

/** GET /api/ledger[?storyId=]: every byte that left the machine. */
export const LedgerEntry = z.object({
  at: Instant,
  door: z.enum(['model', 'egress', 'telemetry']),
  host: z.string(),
  bytesOut: z.int(),
  bytesIn: z.int(),
  storyId: z.string().nullable(),
  role: z.string(),
  runId: z.string().nullable(),
  outcome: z.string(),
  model: z.string().optional(),
  usage: Usage.optional(),
  /** Of a call that cost: entered twice, it is one. */
  id: z.string().optional(),
  replica: z.string().optional(),
  /** The most it can have cost: it was cut before it said. */
  estimated: z.boolean().optional(),
  /** Paid by a plan: its tokens count, its dollars are none. */
  login: z.boolean().optional(),
})
export type LedgerEntry = z.infer<typeof LedgerEntry>

/** How full one window of a plan is, as the provider last said: `5h`, `7d`. */
export const PlanWindow = z.object({
  name: z.string(),
  /** 0 to 1, or more. */
  used: z.number(),
  resetsAt: Instant.nullable(),
  status: z.string().nullable(),
  at: Instant,
})
export type PlanWindow = z.infer<typeof PlanWindow>

/** GET /api/limits: what the gateway lets through at once, what it holds and until when, how full a plan is. */
export const LimiterView = z.object({
  calls: z.int(),
  underWay: z.int(),
  waiting: z.int(),
  held: z.array(z.object({ account: z.string(), model: z.string().nullable(), until: Instant, why: z.string() })),
  windows: z.array(PlanWindow),
})
export type LimiterView = z.infer<typeof LimiterView>

/** What model calls cost, added up under one name. `unpriced`: calls whose tokens are known and whose price is not. */
export const Slice = z.object({ name: z.string(), calls: z.int(), unpriced: z.int(), usage: Usage })
export type Slice = z.infer<typeof Slice>

const Spread = z.object({ median: z.number(), most: z.number() })
/**
 * GET /api/forecast: dollars that shipped stories of this project have cost. `median` is what half of them did not exceed, `most` what nine
 * of ten did not. Of fewer than `least` stories nothing is said.
 */
export const Forecast = z.object({
  stories: z.int(),
  least: z.int(),
  total: Spread.nullable(),
  stages: z.array(Spread.extend({ stage: z.string() })),
})
export type Forecast = z.infer<typeof Forecast>

/** GET /api/money: every model call of the ledger, added up by what a person asks for. Days are this machine's. */
export const Money = z.object({
  /** What plays the model where none does: its dollars are nobody's. */
  scripted: z.string().nullable(),
  total: Slice,
  /** `name` is the story's id; calls that belong to no story stand in `total` alone. */
  stories: z.array(Slice.extend({ title: z.string(), status: Card.shape.status, budgetUsd: z.number() })),
  stages: z.array(Slice),
  roles: z.array(Slice),
  /** `implementer 2`: calls that did not say who asked stand under the role alone. */
  replicas: z.array(Slice),
  models: z.array(Slice),
  days: z.array(Slice),
  /** Of the total: calls that were cut before they said what they cost, at the most it can have been; and calls a plan pays. */
  estimated: Slice,
  plan: Slice,
  forecast: Forecast,
})
export type Money = z.infer<typeof Money>

/** GET /api/memory?q=: what fits best first; without words what is pinned, then the newest. */
export const MemoryHit = z.object({
  entry: Token,
  /** `history`: a commit that was there before any story, or was made beside them. */
  origin: z.enum(['story', 'history']),
  storyId: z.string().nullable(),
  title: z.string(),
  summary: z.string(),
  files: z.array(z.string()),
  commit: z.string(),
  at: Instant,
  pinned: z.boolean(),
  edited: z.boolean(),
  /** The commit that took it back: no agent is told of it. */
  reverted: z.string().nullable(),
  score: z.number(),
})
export type MemoryHit = z.infer<typeof MemoryHit>

/** A file that stories like the one asked about have touched, or whose name was said. */
export const MemoryFile = z.object({ path: z.string(), score: z.number() })
export type MemoryFile = z.infer<typeof MemoryFile>

/** GET /api/memory/:entry: all of one entry, forgotten or not, and where it came from. */
export const MemoryEntryView = MemoryHit.omit({ score: true }).extend({
  forgotten: z.boolean(),
  /** As it was before a person edited it. */
  recorded: z.object({ title: z.string(), summary: z.string() }),
  /** Oldest first. */
  from: z.array(
    z.object({
      kind: z.enum(['event', 'commit']),
      /** The id of the event, or of the commit. */
      id: z.string(),
      what: z.string(),
      at: Instant,
    }),
  ),
})
export type MemoryEntryView = z.infer<typeof MemoryEntryView>

/** GET /api/memory-state: how much there is, and how far the history of the base branch is read. */
export const MemoryState = z.object({
  stories: z.int(),
  history: z.int(),
  forgotten: z.int(),
  reading: z.object({
    state: z.enum(['none', 'reading', 'read', 'failed']),
    done: z.int(),
    of: z.int(),
    /** With `failed`: why, in a sentence. */
    why: z.string().nullable(),
  }),
})
export type MemoryState = z.infer<typeof MemoryState>

// ── commands on memory: POST /api/memory/:entry/<verb>, answered as Commanded ────────

/** What is null goes back to what was recorded; what is left out stays. */
export const EditMemory = z.object({
  title: z.string().trim().min(1).max(200).nullable().optional(),
  text: z.string().trim().min(1).max(8_000).nullable().optional(),
})
export const PinMemory = z.object({ pinned: z.boolean().default(true) })
export const ForgetMemory = z.object({ forgotten: z.boolean().default(true) })

export const GateView = z.object({ gate: Token, digest: Sha256, unresolved: z.array(z.string()), since: Instant })

// ── the disk ─────────────────────────────────────────────────────────────────

/** `journal`: what packed runs still have on RUN. `run`: recordings and logs of runs. `rest`: what a death in the middle left. */
export const DiskKind = z.enum([
  ...([
    'worktree',
    'archive',
    'journal',
    'run',
    'artifact',
    'attached',
    'dependencies',
    'answers',
    'refs',
    'cache',
    'rest',
  ] as const),
])
export type DiskKind = z.infer<typeof DiskKind>

export const DiskEntry = z.object({
  kind: DiskKind,
  name: z.string(),
  bytes: z.int().nonnegative(),
  storyId: z.string().nullable(),
  /** Whether `gc` takes it away. */
  goes: z.boolean(),
  /** Why nothing is lost with it, or why it stays. */
  why: z.string(),
})
export type DiskEntry = z.infer<typeof DiskEntry>

/** GET /api/disk[?now=true][&archives=<days>]: what lies where, and what could go. */
export const Disk = z.object({ dir: z.string(), bytes: z.int(), goes: z.int(), entries: z.array(DiskEntry) })
export type Disk = z.infer<typeof Disk>

/** POST /api/disk/clear: takes away what may go, or what of it is of these kinds. */
export const ClearDisk = z.object({
  kinds: z.array(DiskKind).optional(),
  /** Waits for nobody's days to be over; what is in use and what an event names stays all the same. */
  now: z.boolean().optional(),
  /** Archives of what git ignored go too, if they are older than so many days: events name them, so only a person says so. */
  archives: z.number().min(0).optional(),
})
export type ClearDisk = z.infer<typeof ClearDisk>

/** `stayed` could not go after all; each says why. */
export const ClearedDisk = z.object({ bytes: z.int(), removed: z.array(DiskEntry), stayed: z.array(DiskEntry) })
export type ClearedDisk = z.infer<typeof ClearedDisk>

// ── services and seats ───────────────────────────────────────────────────────

/** POST /api/services/:name/scale: how many replicas are wanted. */
export const Scale = z.object({ replicas: z.int().min(0).max(64) })

/** GET /api/reviewers: every seat and who sits there. */
export const SeatView = z.object({
  seat: Token,
  sitting: Sitting,
  /** New stories need its verdict. */
  required: z.boolean(),
  /** Whether anybody takes its requests: a process we run, or one heard of on the bus or over REST. */
  state: z.enum(['running', 'starting', 'stopped', 'unknown']),
  /** Requests that wait for it. */
  pending: z.int().nullable(),
  /** Where its credentials lie (SeatFile). */
  file: z.string(),
})
export type SeatView = z.infer<typeof SeatView>

/** POST /api/reviewers: a new seat, needed by every story from here on. */
export const AddSeat = z.object({ seat: Token, sitting: Sitting })
export type AddSeat = z.infer<typeof AddSeat>
/** POST /api/reviewers/:seat/swap: another occupant, while reviews are in flight. */
export const SwapSeat = z.object({ sitting: Sitting })
export type SwapSeat = z.infer<typeof SwapSeat>
