/** What every engine does alike, whoever carries the conversation: run by the tests of each with how a scripted model speaks through it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addUsage, noUsage, type Usage } from '@sluice/proto/parts.ts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Turn } from '../agent.ts'
import { Pause, TerminalError } from '../errors.ts'
import type { Entry, SessionEntry, UsageEntry } from '../run.ts'
import { askTool, memorySearchTool } from '../tools/asking.ts'
import {
  type EngineSubject,
  type EngineWorld,
  engineWorld,
  host,
  killedAfter,
  nextAttempt,
  notesOf,
  offers,
  PLANTED_KEY,
  PLANTED_TOKEN,
  pen,
  type WorldModel,
} from './engine-world.ts'
import { lesson, memoryOf } from './fixtures.ts'
import { longSleep, processesWith } from './jail-world.ts'
import { type Reply, type Spoken, toolResults } from './messages-script.ts'
import type { MessagesRequest } from './messages-wire.ts'

export function engineContract(subject: EngineSubject): void {
  const { engine, hostTool } = subject
  const timeout = subject.timeoutMs ?? 30_000
  const good = () => ({ content: [host(subject, 'submit', { verdict: 'good' })] })
  const world = (model: WorldModel) => engineWorld(subject, model)
  /** How often it was called, by its name at the host. */
  const calls = (request: MessagesRequest, name: string) =>
    toolResults(request).filter((call) => call.name === hostTool(name))
  const say = (...content: Spoken[]): Reply => ({ content })
  /** One reply of trouble, then the conversation. What went wrong is no part of a request, so this alone is told by what was before. */
  const once = (trouble: Reply, then: WorldModel): WorldModel => {
    let came = false
    return (request, signal) => {
      if (came) return then(request, signal)
      came = true
      return trouble
    }
  }

  describe(`the engine ${engine.name}`, { timeout }, () => {
    beforeAll(() => {
      vi.stubEnv('ANTHROPIC_API_KEY', PLANTED_KEY)
      vi.stubEnv('ANTHROPIC_AUTH_TOKEN', PLANTED_KEY)
    })
    afterAll(() => void vi.unstubAllEnvs())

    test('says that it works here, and its version', async () => {
      expect(await engine.probe()).toMatchObject({ ok: true, version: expect.stringMatching(/\d/) })
    })

    test('works on files in its place, runs commands there, and hands in a result', async () => {
      await using at = await world(workOnFiles(subject))
      const run = at.run()

      const result = await at.attempt(run)

      expect(result.output).toEqual({ verdict: 'good' })
      expect(readFileSync(join(at.repo.root, 'answer.txt'), 'utf8').trim()).toBe('forty-two')
      expect(JSON.stringify(at.api.requests.at(-1)?.body)).toContain('FORTY-TWO')
      expectPairs(run.log)
      expect(notesOf(run.log, 'tool').length).toBeGreaterThanOrEqual(6)
    })

    test('names who worked: the engine, the model, and that it was a scripted one', async () => {
      await using at = await world(good)
      const run = at.run()

      await at.attempt(run)

      const session = run.log.find(({ kind }) => kind === 'session')?.data as SessionEntry
      expect(session.occupant).toMatchObject({ model: 'claude-opus-5-5', scripted: 'scripted model' })
      expect(session.occupant.engine).toBe(engine.name)
      expect(session.occupant.version).toMatch(/\d/)
    })

    test('counts what the server counted', async () => {
      await using at = await world(workOnFiles(subject))
      const run = at.run()

      const { usage } = await at.attempt(run)

      expect(paidIn(run.log)).toMatchObject(countedBy(at))
      expect(usage.outputTokens).toBe(paidIn(run.log).outputTokens)
      expect(usage.costUsd).toBeGreaterThan(0)
    })

    test('sends back a result that does not fit, with the reason', async () => {
      await using at = await world((request) => {
        const [first] = calls(request, 'submit')
        if (!first) return say(host(subject, 'submit', { verdict: 'x' }))
        return first.isError && first.result?.includes('verdict') ? good() : say(host(subject, 'submit', {}))
      })

      expect((await at.attempt(at.run())).output).toEqual({ verdict: 'good' })
    })

    test('sends back a result that the check has something against', async () => {
      await using at = await world((request) => {
        const [first] = calls(request, 'submit')
        if (!first) return say(host(subject, 'submit', { verdict: 'bad' }))
        return first.result?.includes('It is not bad.') ? good() : say(host(subject, 'submit', { verdict: 'bad' }))
      })
      const check = ({ verdict }: { verdict: string }) => (verdict === 'bad' ? 'It is not bad.' : null)

      expect((await at.attempt(at.run(), () => ({ check }))).output).toEqual({ verdict: 'good' })
    })

    test('reminds a model that only talks of how a result is handed in', async () => {
      await using at = await world((request) =>
        JSON.stringify(request.messages).includes('The notes are fine.')
          ? good()
          : { content: ['The notes are fine.'] },
      )

      expect((await at.attempt(at.run())).output).toEqual({ verdict: 'good' })
    })

    test('calls the tools of the host', async () => {
      const book = pen()
      await using at = await world((request) => {
        if (calls(request, 'pen').length === 0) return say(host(subject, 'pen', { line: 'a' }))
        if (calls(request, 'memory_search').length === 0)
          return say(host(subject, 'memory_search', { query: 'drafts' }))
        return good()
      })
      const run = at.run()

      await at.attempt(run, ({ tools }) => ({ tools: [...tools, book.tool, memorySearchTool(memoryOf(lesson))] }))

      expect(book.lines).toEqual(['a'])
      const last = at.api.requests.at(-1)?.body
      expect(last && calls(last, 'pen')[0]?.result).toContain('line 1 stands')
      expect(last && calls(last, 'memory_search')[0]?.result).toContain('Keep drafts')
      expectPairs(run.log)
    })

    test('parks the run with a question, and goes on with the answer', async () => {
      const question = { text: 'How long?' }
      await using at = await world((request) =>
        JSON.stringify(request.messages).includes('Two pages.')
          ? good()
          : say(host(subject, 'ask', { questions: [question] })),
      )
      const parked = at.run()
      const asked = await at
        .attempt(parked, ({ tools }) => ({ tools: [...tools, askTool()] }))
        .catch((error: unknown) => error)

      expect(asked).toBeInstanceOf(Pause)
      expect((asked as Pause).waiting).toMatchObject({ kind: 'questions', questions: [question] })
      const answers = [{ id: 'Q1', text: 'How long?', answer: 'Two pages.' }]
      const continued = at.run({ earlier: parked.log })
      const { output } = await at.attempt(continued, ({ tools }) => ({ tools: [...tools, askTool(answers)] }))

      expect(output).toEqual({ verdict: 'good' })
      expectPairs(parked.log)
      expectPairs([...parked.log, ...continued.log])
    })

    test('without a place it reads by its tools and changes nothing', async () => {
      await using at = await world((request) => {
        const tried = toolResults(request)
        const write = subject.write(join(at.repo.root, 'planted.txt'), 'planted')
        const name = write.type === 'tool_use' ? write.name : ''
        if (calls(request, 'read').length === 0) return say(host(subject, 'read', { path: 'notes.txt' }))
        if (offers(request, name) && !tried.some((one) => one.name === name)) return say(write)
        return good()
      })
      const run = at.run()

      await at.attempt(run, ({ reading }) => ({ tools: reading, place: undefined as never }))

      const last = at.api.requests.at(-1)?.body
      expect(last && calls(last, 'read')[0]?.result).toContain('one')
      expect(existsSync(join(at.repo.root, 'planted.txt'))).toBe(false)
      expect(at.repo.git(['status', '--porcelain'])).toBe('')
      expectPairs(run.log)
    })

    test('told to stop, it ends all that it started', async () => {
      const sleep = longSleep()
      await using at = await world(() => say(subject.shell(sleep)))
      const run = at.run()
      const abort = new AbortController()

      const attempt = at.attempt(run, () => ({ signal: abort.signal })).catch((error: unknown) => error)
      // A program of its own takes a while to begin.
      await expect.poll(() => processesWith(sleep).length, { timeout }).toBeGreaterThan(0)
      abort.abort(new Error('stopping'))

      expect(String(await attempt)).toContain('stopping')
      expect(processesWith(sleep)).toEqual([])
      expectPairs(run.log)
    })

    test('told to stop while the model speaks, it stops at once', async () => {
      const abort = new AbortController()
      await using at = await world(() => {
        abort.abort(new Error('stopping'))
        return { ...good(), delayMs: 60_000 }
      })

      const stopped = await at.attempt(at.run(), () => ({ signal: abort.signal })).catch((error: unknown) => error)

      expect(String(stopped)).toContain('stopping')
    })

    test(
      'killed between any two entries of its journal, the next attempt goes on and asks no finished call again',
      async () => {
        const undisturbed = await entriesOf(subject)
        const cuts = subject.cuts?.(undisturbed.entries) ?? Array.from({ length: undisturbed.entries }, (_, i) => i)
        for (const cut of cuts) {
          await using at = await world(workOnFiles(subject))
          const run = at.run()
          await at.attempt(killedAfter(run, cut)).catch(() => undefined)
          const again = nextAttempt(at, run)

          const { output } = await at.attempt(again)

          expect(output, `killed after ${cut} entries`).toEqual({ verdict: 'good' })
          expect(at.answered().length, `killed after ${cut} entries`).toBeLessThanOrEqual(
            undisturbed.calls + subject.repeats,
          )
          expectPairs(again.log)
        }
      },
      timeout * 6,
    )

    test('a finished run is not asked again', async () => {
      await using at = await world(good)
      const run = at.run()
      await at.attempt(run)
      const asked = at.api.requests.length

      const again = await at.attempt(nextAttempt(at, run))

      expect(again.output).toEqual({ verdict: 'good' })
      expect(at.api.requests).toHaveLength(asked)
    })

    test('a call that falls silent is tried again', async () => {
      await using at = await world(once({ ...good(), stallAfter: 1 }, good))

      const { output } = await at.attempt(at.run(), () => ({ limits: { idleMs: subject.idleMs ?? 300 } }))

      expect(output).toEqual({ verdict: 'good' })
    })

    test('waits as long as the API says', async () => {
      const times: number[] = []
      const clocked: WorldModel = (request, signal) => {
        times.push(Date.now())
        return limited(request, signal)
      }
      const limited = once({ error: 'rate_limit_error', headers: { 'retry-after': '2' } }, good)
      await using at = await world(clocked)

      await at.attempt(at.run())

      expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1_900)
    })

    test('a refusal of the model ends the run', async () => {
      await using at = await world(() => ({ content: ['No.'], stop: 'refusal' }))

      await expect(at.attempt(at.run())).rejects.toBeInstanceOf(TerminalError)
    })

    test('an account the provider refuses parks the run', async () => {
      await using at = await world(() => ({ error: 'authentication_error', message: 'not with this key' }))

      const parked = await at.attempt(at.run()).catch((error: unknown) => error)

      expect((parked as Pause).waiting).toMatchObject({ kind: 'account', problem: expect.stringMatching(/\w/) })
    })

    test('a spent budget parks the run with the three amounts', async () => {
      const amounts = { spentUsd: 4.5, neededUsd: 1, budgetUsd: 5 }
      const details = { error_code: 'story_budget', ...amounts }
      await using at = await world(() => ({ error: 'billing_error', details }))

      const parked = await at.attempt(at.run()).catch((error: unknown) => error)

      expect((parked as Pause).waiting).toEqual({ kind: 'budget', ...amounts })
    })

    test('nothing secret stands in the environment of what it runs', async () => {
      // Each line once: an engine that keeps long outputs elsewhere would show only how they begin.
      const look = '{ env; cat /proc/*/environ 2>/dev/null | tr "\\0" "\\n"; } | sort -u; echo looked'
      const shell = subject.shell(look)
      const name = shell.type === 'tool_use' ? shell.name : ''
      const looked = (request: MessagesRequest) => toolResults(request).find((call) => call.name === name)
      await using at = await world((request) => (looked(request) ? good() : say(shell)))

      await at.attempt(at.run())

      const last = at.api.requests.at(-1)?.body
      const seen = (last && looked(last)?.result) ?? ''
      expect(seen).toContain('looked')
      expect(seen).toMatch(/^PATH=/m)
      expect(seen).not.toContain(PLANTED_KEY)
      expect(seen).not.toContain(PLANTED_TOKEN)
    })

    test('tells of each turn once, in order', async () => {
      const turns: Turn[] = []
      await using at = await world(workOnFiles(subject))

      await at.attempt(at.run(), () => ({ onTurn: async (turn) => void turns.push(turn) }))

      expect(turns.map(({ number }) => number)).toEqual(turns.map((_, i) => i + 1))
      expect(turns.length).toBeGreaterThanOrEqual(3)
      expect(turns[0]?.titles.length).toBeGreaterThan(0)
    })
  })
}

/** A file written, a command that reads it, a result: each step from what the request holds. */
const workOnFiles =
  (subject: EngineSubject): WorldModel =>
  (request) => {
    const results = toolResults(request)
    const write = subject.write('answer.txt', 'forty-two\n')
    const shell = subject.shell('tr a-z A-Z < answer.txt')
    const called = (call: Spoken) => call.type === 'tool_use' && results.some(({ name }) => name === call.name)
    if (!called(write)) return { content: [{ type: 'text', text: 'First the file.' }, write] }
    if (!called(shell)) return { content: [shell] }
    return { content: [host(subject, 'submit', { verdict: 'good' })] }
  }

async function entriesOf(subject: EngineSubject): Promise<{ entries: number; calls: number }> {
  await using at = await engineWorld(subject, workOnFiles(subject))
  const run = at.run()
  await at.attempt(run)
  return { entries: run.log.length, calls: at.answered().length }
}

/** Of every call of a tool: begun, then ended, and begun again only after that. */
export function expectPairs(entries: readonly Entry[]): void {
  const states = new Map<string, string[]>()
  for (const { callId = '', state = '' } of notesOf(entries, 'tool'))
    states.set(callId, [...(states.get(callId) ?? []), state])
  for (const [callId, said] of states) {
    const expected = said.map((_, i) => (i % 2 === 0 ? 'started' : 'ended'))
    expect(said, `notes of ${callId}`).toEqual(expected)
    expect(said.length % 2, `${callId} has no end`).toBe(0)
  }
}

const paidIn = (entries: readonly Entry[]): Usage =>
  entries.flatMap(({ kind, data }) => (kind === 'usage' ? [(data as UsageEntry).usage] : [])).reduce(addUsage, noUsage)

function countedBy({ api }: EngineWorld): Omit<Usage, 'costUsd'> {
  const all = api.requests.flatMap(({ usage }) => (usage ? [usage] : []))
  const sum = (of: (usage: (typeof all)[number]) => number | null) => all.reduce((n, one) => n + (of(one) ?? 0), 0)
  return {
    inputTokens: sum((one) => one.input_tokens),
    cacheReadTokens: sum((one) => one.cache_read_input_tokens),
    cacheWriteTokens: sum((one) => one.cache_creation_input_tokens),
    outputTokens: sum((one) => one.output_tokens),
  }
}
