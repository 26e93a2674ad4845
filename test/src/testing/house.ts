/** A whole Sluice on a tiny repository, with any scripted model: what every test of the whole line stands on. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type HouseOptions, openHouse } from '@sluice/cli/house.ts'
import { makeTinyRepository } from '@sluice/demo/tiny.ts'
import { freePort } from '@sluice/kit/testing/broker.ts'
import { startMessagesApi } from '@sluice/kit/testing/messages-api.ts'
import type { ScriptedModel } from '@sluice/kit/testing/messages-script.ts'

export type TinyPlace = Awaited<ReturnType<typeof tinyPlace>>
export type TinyHouse = Awaited<ReturnType<typeof openTinyHouse>>

/** The tiny repository, its `main` checked out, and room for a house's data beside it. */
export async function tinyPlace(files: Record<string, string> = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'slc-line-'))
  const [dataDir, repository] = [join(dir, 'data'), join(dir, 'repository')]
  await makeTinyRepository(repository)
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim()
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(repository, path)), { recursive: true })
    writeFileSync(join(repository, path), text)
  }
  for (const [path, text] of Object.entries(files)) write(path, text)
  if (Object.keys(files).length > 0) git('add', '--all')
  if (Object.keys(files).length > 0) git('commit', '--quiet', '--message', 'More files')
  return {
    ...{ dir, dataDir, repository, git, write, start: git('rev-parse', 'main') },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true, maxRetries: 5 }),
  }
}

export type TinyOptions = Partial<HouseOptions> & { model: ScriptedModel }

/** Owns the place: closed, nothing of either is left. */
export async function openTinyHouse(place: TinyPlace, { model, ...options }: TinyOptions) {
  await using stack = new AsyncDisposableStack()
  const { dataDir, repository, git, write, start } = stack.use(place)
  const api = stack.use(await startMessagesApi({ model }))
  const upstream = { url: api.url, key: 'sk-ant-scripted' }
  // The first free port from 4747 on may be another house's by the time web takes it: tests run beside each other.
  const port = await freePort()
  const house = stack.use(await openHouse({ dataDir, repository, implementers: 1, upstream, port, ...options }))
  await house.ready
  const things = stack.move()

  return {
    ...{ house, api, git, write, start, dataDir, repository },
    ask: asking(house),
    pid: (service: string): number => {
      const found = house.pids().find((p) => p.name === service && p.pid !== null)
      if (!found?.pid) throw new Error(`${service} does not run.`)
      return found.pid
    },
    log: (service: string) => readFile(join(dataDir, 'logs', `${service}.1.log`), 'utf8').catch(() => ''),
    [Symbol.asyncDispose]: () => things.disposeAsync(),
  }
}

export type Asked<T> = { status: number; body: T }
export type Ask = <T>(method: string, path: string, body?: unknown, key?: string) => Promise<Asked<T>>

/** REST as a program with the person's token asks it. */
export const asking =
  ({ origin, token }: { origin: string; token: string }): Ask =>
  async <T>(method: string, path: string, body?: unknown, key?: string): Promise<Asked<T>> => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(key ? { 'idempotency-key': key } : {}),
    }
    const reply = await fetch(origin + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
    const text = await reply.text()
    const isJson = reply.headers.get('content-type')?.includes('json')
    return { status: reply.status, body: (isJson ? JSON.parse(text) : text) as T }
  }
