/** Seats that change hands and roles that grow and shrink under three stories at once: nothing is lost, nothing is judged twice, nobody waits. */
import { join } from 'node:path'
import { roleIn } from '@sluice/demo/play/asked.ts'
import type { ScriptedModel } from '@sluice/kit/testing/messages-script.ts'
import type { Event } from '@sluice/proto/events.ts'
import type { SeatView, ServiceView } from '@sluice/proto/rest.ts'
import { expect, test, vi } from 'vitest'
import { openLine } from '../testing/line.ts'
import { ownFiles, playing, storyAbout } from '../testing/tiny-stories.ts'

const STRANGER = join(import.meta.dirname, '..', 'testing', 'stranger.ts')
const stories = ['one', 'two', 'three'].map((name) => storyAbout(name, ownFiles(name)))

/** The model of these roles keeps its mouth shut until it is let go. */
function holding(...roles: string[]) {
  const usual = playing(stories)
  const holds = new Map(roles.map((role) => [role, { ...Promise.withResolvers<void>(), asking: 0 }]))
  const model: ScriptedModel = async (request, context) => {
    const hold = holds.get(roleIn(request) ?? '')
    if (!hold) return usual(request, context)
    hold.asking++
    context.signal.addEventListener('abort', () => hold.asking--, { once: true })
    await hold.promise
    return usual(request, context)
  }
  /** So many of its calls wait for their answer. */
  const asking = (role: string, n: number) =>
    vi.waitUntil(() => holds.get(role)?.asking === n, { timeout: 90_000, interval: 50 })
  return { model, asking, letGo: (role: string) => holds.get(role)?.resolve() }
}

test('swapped and scaled under three stories, all ship with one verdict a seat and a round', async () => {
  const { model, asking, letGo } = holding('implementer', 'security reviewer')
  // Whatever waited for the broker's own patience would outlast this test.
  await using line = await openLine({ stories, model, implementers: 1, ackWaitMs: 900_000 })
  const ids = await Promise.all(stories.map((story) => line.submit(story, { auto: true })))
  const of = (type: Event['type']) =>
    ids.flatMap((id) => line.events(id).filter((event) => event.type === type && event.data))
  const scaleTo = (replicas: number) => line.ask<ServiceView[]>('POST', '/api/services/implementer/scale', { replicas })
  const swap = (sitting: SeatView['sitting']) => line.ask<SeatView>('POST', '/api/reviewers/security/swap', { sitting })

  await asking('implementer', 1)
  await scaleTo(3)
  await asking('implementer', 3)
  const scaled = await scaleTo(1)
  letGo('implementer')
  await Promise.all(ids.map((id) => line.when(id, ({ seats }) => seats.security?.at === 'asked')))
  await asking('security reviewer', 1)

  const command = [process.execPath, STRANGER, '1']
  const [swapped] = await Promise.all([swap({ kind: 'command', command, directory: line.dataDir }), scaleTo(2)])
  const byStranger = () => of('review.completed').filter(({ source }) => source === 'security')
  await vi.waitUntil(() => byStranger().length === 1, { timeout: 90_000, interval: 50 })
  letGo('security reviewer')
  const back = await swap({ kind: 'builtin', program: 'security' })
  const shipped = await Promise.all(ids.map(line.shipped))

  expect([scaled.status, swapped.status, back.status]).toEqual([200, 200, 200])
  expect(scaled.body.filter(({ name }) => name === 'implementer')).toMatchObject([{ replica: '1' }])
  const builds = line.events('').flatMap(({ data }) => ('builds' in data ? [data.builds] : []))
  expect(builds).toEqual([1, 3, 1, 2])
  expect(of('timer.due')).toEqual([])
  expect(of('build.completed')).toHaveLength(3)
  const verdicts = of('review.completed').map(
    (event) => `${event.storyId} ${'request' in event.data && event.data.request} ${event.source}`,
  )
  expect(verdicts.toSorted()).toEqual([...new Set(verdicts)].toSorted())
  // Four seats judged the build, and the checks once more the tree that landed.
  expect(verdicts).toHaveLength(3 * 5)
  const trailers = of('release.requested').flatMap(({ data }) => ('trailers' in data ? data.trailers : []))
  const security = trailers.filter((line) => line.startsWith('Reviewed-by: security')).toSorted()
  expect(security).toEqual([
    ...Array(2).fill(expect.stringMatching(/^Reviewed-by: security \(sluice 0\.1\.0 /)),
    'Reviewed-by: security (stranger 7.0.0)',
  ])
  expect(shipped.map(({ builds }) => builds)).toEqual([1, 1, 1])
}, 480_000)
