/** One request in the hands of a reviewer over REST: kept by signs of life, ended by its verdict or without one. */
import { confirmJudged } from '@sluice/kit/confirm-judged.ts'
import { GivenBack } from '@sluice/kit/errors.ts'
import { type Answer, completed } from '@sluice/kit/outcome.ts'
import { openRepository, type Repository } from '@sluice/kit/repository.ts'
import { type CompletedData, defineRole, type Means, type Role } from '@sluice/kit/role.ts'
import type { EventOf } from '@sluice/proto/event.ts'
import { Review, ReviewRequested } from '@sluice/proto/events.ts'
import { noUsage, type Occupant, type Usage } from '@sluice/proto/parts.ts'

export type Request = EventOf<typeof ReviewRequested>
type Verdict = CompletedData<typeof Review.completed>
export type Signed = { verdict: Verdict; occupant: Occupant; usage?: Usage | undefined }

/** What an asker holds. `signed`: its verdict is being said, or was. `gone`: whatever it says comes too late. */
export type Hold = {
  id: string
  attempt: number
  request: Request
  repository: Repository
  state(): 'open' | 'signed' | 'gone'
  /** A sign of life. */
  alive(): void
  sign(signed: Signed): void
  giveBack(): void
}

type Handing = { seat: string; aliveMs: number; hand(hold: Hold): void }

/** The role of a seat for one asker: its answer is what that asker sends. */
export const handing = (to: Handing): Role<typeof ReviewRequested, typeof Review.completed> =>
  defineRole({
    ...{ name: to.seat, takes: ReviewRequested, gives: Review, uses: [] },
    async answer(request, means) {
      const repository = await openRepository(request.data.repository.root)
      await confirmJudged(repository, request.data.judged)
      const { verdict, occupant, usage = noUsage } = await inHand({ request, repository }, means, to)
      await means.run.append('session', { occupant })
      await means.run.append('usage', { usage, model: occupant.model ?? occupant.program })
      return completed(verdict) satisfies Answer<Verdict>
    },
  })

async function inHand(
  asked: Pick<Hold, 'request' | 'repository'>,
  { run, signal }: Means,
  { aliveMs, hand }: Handing,
): Promise<Signed> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<Signed>()
  let state: ReturnType<Hold['state']> = 'open'
  const end = (error: Error) => {
    if (state === 'open') state = 'gone'
    reject(error)
  }
  const silent = () => end(new Error(`The reviewer gave no sign of life for ${aliveMs / 1000} s.`))
  let timer = setTimeout(silent, aliveMs)
  const told = () => end(signal.reason as Error)
  signal.addEventListener('abort', told, { once: true })
  hand({
    id: `${run.storyId}.${run.id}.${run.attempt}`,
    ...{ ...asked, attempt: run.attempt },
    state: () => state,
    alive() {
      clearTimeout(timer)
      timer = setTimeout(silent, aliveMs)
    },
    sign(signed) {
      state = 'signed'
      resolve(signed)
    },
    giveBack: () => end(new GivenBack('The reviewer gave it back.')),
  })

  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', told)
  }
}
