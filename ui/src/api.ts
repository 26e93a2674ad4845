/** REST as the page asks it: every answer parsed, every refusal one sentence and its mend. */
import {
  type AddSeat,
  CheckpointView,
  ClearedDisk,
  Commanded,
  Comparison,
  Disk,
  Engines,
  Forecast,
  Interrupted,
  Kept,
  LedgerEntry,
  LimiterView,
  MemoryEntryView,
  MemoryHit,
  MemoryState,
  Models,
  Money,
  Opened,
  ParkedView,
  PreviewView,
  Problem,
  RunView,
  SeatView,
  ServiceView,
  Session,
  Submitted,
  type SwapSeat,
  Trace,
} from '@sluice/proto/rest.ts'
import { TermFrame } from '@sluice/proto/term.ts'
import { z } from 'zod'

/** The server said no, or was not there (`status` 0). */
export class Refused extends Error {
  override name = 'Refused'
  readonly status: number
  readonly problem: Problem

  constructor(status: number, problem: Problem, options?: ErrorOptions) {
    super(problem.error, options)
    this.status = status
    this.problem = problem
  }
}

export const getSession = () => get('/api/session', Session)
export const getTrace = (id: string) => get(`/api/stories/${encodeURIComponent(id)}/trace`, Trace)
/** The trace as a file to keep, or to open in a viewer of OpenTelemetry. */
export const traceFile = (id: string, as: 'json' | 'otlp'): string =>
  `/api/stories/${encodeURIComponent(id)}/trace${as === 'otlp' ? '?as=otlp' : ''}`
export const getRuns = (id: string) => get(`/api/stories/${encodeURIComponent(id)}/runs`, z.array(RunView))
/** The screen of a running terminal; null where none is open. */
export const getScreen = (id: string, source: string, runId: string): Promise<TermFrame | null> =>
  get(`/api/stories/${encodeURIComponent(id)}/runs/${source}/${encodeURIComponent(runId)}/screen`, TermFrame).catch(
    () => null,
  )
/** What a person presses at a running agent's terminal. */
export const typeKeys = (
  { storyId, source, runId }: { storyId: string; source: string; runId: string },
  data: string,
) =>
  send(
    `/api/stories/${encodeURIComponent(storyId)}/runs/${source}/${encodeURIComponent(runId)}/keys`,
    { data },
    crypto.randomUUID(),
  )
export const getCheckpoints = (id: string) =>
  get(`/api/stories/${encodeURIComponent(id)}/checkpoints`, z.array(CheckpointView))
/** What a checkpoint changed, or what going back to it would take away. */
export async function getCheckpointPatch(id: string, n: number, of: 'it' | 'since'): Promise<string> {
  const path = `/api/stories/${encodeURIComponent(id)}/checkpoints/${n}/patch${of === 'since' ? '?since=true' : ''}`
  return (await ask(path, {})).text()
}
export const getComparison = (one: string, other: string) =>
  get(`/api/stories/${encodeURIComponent(one)}/compare/${encodeURIComponent(other)}`, Comparison)
export const forkStory = (id: string, body: unknown, key: string) =>
  post(`/api/stories/${encodeURIComponent(id)}/fork`, body, { key, answer: Submitted })
export const keepStory = (id: string, body: unknown, key: string) =>
  post(`/api/stories/${encodeURIComponent(id)}/keep`, body, { key, answer: Kept })
const previewOf = (id: string) => `/api/stories/${encodeURIComponent(id)}/preview`
/** The app of a story, run for the person to look at. */
export const getPreview = (id: string) => get(previewOf(id), PreviewView)
export const startPreview = (id: string, key: string) => post(previewOf(id), {}, { key, answer: PreviewView })
export const stopPreview = (id: string) => ask(previewOf(id), { method: 'DELETE' })
export const getServices = () => get('/api/services', z.array(ServiceView))
export const getParked = () => get('/api/parked', z.array(ParkedView))
export const getLedger = (storyId?: string) =>
  get(`/api/ledger${storyId ? `?storyId=${encodeURIComponent(storyId)}` : ''}`, z.array(LedgerEntry))
export const getDisk = () => get('/api/disk', Disk)
export const clearDisk = (key: string) => post('/api/disk/clear', {}, { key, answer: ClearedDisk })
export const getMoney = () => get('/api/money', Money)
export const getForecast = () => get('/api/forecast', Forecast)
export const getLimits = () => get('/api/limits', LimiterView)
export const getEngines = () => get('/api/engines', Engines)
export const getModels = () => get('/api/models', Models)
export const getReviewers = () => get('/api/reviewers', z.array(SeatView))
export const searchMemory = (text: string) => get(`/api/memory?q=${encodeURIComponent(text)}`, z.array(MemoryHit))
export const getMemoryEntry = (entry: string) => get(`/api/memory/${encodeURIComponent(entry)}`, MemoryEntryView)
export const getMemoryState = () => get('/api/memory-state', MemoryState)
export const speakOfMemory = (entry: string, verb: 'edit' | 'pin' | 'forget', body: unknown, key: string) =>
  post(`/api/memory/${encodeURIComponent(entry)}/${verb}`, body, { key, answer: Commanded })

/** What the house serves is described as it is read: by whoever shows it. */
export const getContract = <S extends z.ZodType>(name: string, schema: S) => get(`/api/contracts/${name}`, schema)

export const submitStory = (body: unknown, key: string) => post('/api/stories', body, { key, answer: Submitted })
export const command = (id: string, verb: string, body: unknown, key: string) =>
  post(`/api/stories/${encodeURIComponent(id)}/${verb}`, body, { key, answer: Commanded })
export const interruptRun = (id: string, body: { role?: string }) =>
  post(`/api/stories/${encodeURIComponent(id)}/interrupt`, body, { key: crypto.randomUUID(), answer: Interrupted })
export const openWorktree = (id: string) =>
  post(`/api/stories/${encodeURIComponent(id)}/open`, {}, { key: crypto.randomUUID(), answer: Opened })
export const putArtifact = (sha256: string, bytes: Uint8Array<ArrayBuffer>) =>
  ask(`/artifacts/${sha256}`, { method: 'PUT', body: bytes })
export const resendParked = (sequence: number, key: string) => send(`/api/parked/${sequence}/resend`, {}, key)

export const scale = (name: string, replicas: number, key: string) =>
  post(`/api/services/${encodeURIComponent(name)}/scale`, { replicas }, { key, answer: z.array(ServiceView) })
export const addSeat = (body: AddSeat, key: string) => post('/api/reviewers', body, { key, answer: SeatView })
export const swapSeat = (seat: string, body: SwapSeat, key: string) =>
  post(`/api/reviewers/${encodeURIComponent(seat)}/swap`, body, { key, answer: SeatView })
export const removeSeat = (seat: string) => ask(`/api/reviewers/${encodeURIComponent(seat)}`, { method: 'DELETE' })

/** The address of an artifact, shown as a type the server allows on the page's own origin. */
export const artifactUrl = (sha256: string, as: string): string => `/artifacts/${sha256}?as=${encodeURIComponent(as)}`

export async function getText(sha256: string): Promise<string> {
  return (await ask(artifactUrl(sha256, 'text/plain'), {})).text()
}

async function get<S extends z.ZodType>(path: string, answer: S): Promise<z.infer<S>> {
  return parsed(await ask(path, {}), answer)
}

async function post<S extends z.ZodType>(
  path: string,
  body: unknown,
  { key, answer }: { key: string; answer: S },
): Promise<z.infer<S>> {
  return parsed(await send(path, body, key), answer)
}

/** Browsers finish what is small even when the page is left meanwhile. */
const KEPT_ALIVE = 60_000

function send(path: string, body: unknown, key: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key }
  const text = JSON.stringify(body)
  return ask(path, { method: 'POST', headers, body: text, keepalive: text.length < KEPT_ALIVE / 3 })
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  const reply = await fetch(path, { credentials: 'same-origin', ...init }).catch((cause: unknown) => {
    throw new Refused(0, { error: 'Sluice does not answer.', mend: 'See whether `sluice up` still runs.' }, { cause })
  })
  if (!reply.ok) throw new Refused(reply.status, await problemOf(reply))
  return reply
}

async function problemOf(reply: Response): Promise<Problem> {
  const said = Problem.safeParse(await reply.json().catch(() => null))
  if (said.success) return said.data
  return { error: `Sluice answered ${reply.status} without a reason.`, mend: 'Look into the log of `web`.' }
}

async function parsed<S extends z.ZodType>(reply: Response, answer: S): Promise<z.infer<S>> {
  const body = answer.safeParse(await reply.json().catch(() => null))
  if (body.success) return body.data
  throw new Refused(reply.status, {
    error: `The page cannot read what ${new URL(reply.url).pathname} answers.`,
    mend: 'Reload: the page may be older than the server.',
  })
}

/** Anything thrown, as a sentence and its mend. */
export function problemFrom(error: unknown): Problem {
  if (error instanceof Refused) return error.problem
  return { error: error instanceof Error ? error.message : String(error), mend: 'Reload the page.' }
}
