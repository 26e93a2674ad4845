/** What a person says to an agent at work: their words are in the journal already, and are said to the agent once. */
import type { Words } from '@sluice/proto/parts.ts'
import type { Said } from '@sluice/proto/said.ts'
import { pauseFor, wordsIn } from '../../ear.ts'
import { Refusal } from '../../errors.ts'
import type { Hearing } from '../../hearing.ts'
import type { Permits } from '../../permits.ts'
import type { Run } from '../../run.ts'

export type Mouth = Disposable & {
  /** Said, and not passed on yet. */
  waiting(): Words[]
  /** They stand in what the agent is given next. */
  passedOn(words: readonly Words[]): Promise<void>
  /** Throws the `Pause` that the person wants, if they do. */
  check(): void
  /** How the turn in flight is ended; what the person wants instead may follow. */
  onInterrupt(stop: () => Promise<void>): void
  /** Resolves once there is something to hear, or after this time. */
  within(ms: number): Promise<void>
}

type Wish = Extract<Said, { do: 'pause' }>

/** `stop` ends the run at once, with the pause the person wants. */
export function openMouth(
  { run, hearing, permits }: { run: Run; hearing: Hearing; permits: Permits },
  stop: (why: ReturnType<typeof pauseFor>) => void,
): Mouth {
  const passed = passedBefore(run)
  let wish: Wish | null = null
  let interrupt: (() => Promise<void>) | null = null
  let spoken = Promise.withResolvers<void>()
  const listening = hearing.listen(hear)

  async function hear(said: Said): Promise<'later' | undefined> {
    if (said.do === 'keys') throw new Refusal('This agent has no terminal to type into.', 'Say it in words.')
    if (said.do === 'decide') return decide(said)
    if (said.do === 'pause') wish = said
    if (said.do === 'pause' && said.now) stop(pauseFor(said))
    if (said.do === 'interrupt') {
      if (!interrupt) throw new Refusal('The agent is not at work at the moment.', 'Say it again in a moment.')
      await interrupt()
    }
    spoken.resolve()
    return said.do === 'steer' ? 'later' : undefined
  }

  function decide({ permission, allow, reason }: Extract<Said, { do: 'decide' }>): undefined {
    if (permits.decide(permission, { allow, by: 'person', ...(reason && { reason }) })) return
    throw new Refusal('That question is not open any more.', 'Look at the run: it may have been interrupted.')
  }

  const waiting = (): Words[] => wordsIn(run).filter(({ id }) => !passed.has(id))
  return {
    waiting,
    async passedOn(words) {
      for (const { id } of words) {
        passed.add(id)
        await run.append('note', { type: PASSED, text: id })
      }
    },
    check() {
      if (wish) throw pauseFor(wish)
    },
    onInterrupt: (how) => {
      interrupt = how
    },
    async within(ms) {
      if (waiting().length > 0) return
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms)
      })
      // What was said to bring it here is not what it waits for.
      spoken = Promise.withResolvers()
      await Promise.race([spoken.promise, late])
      clearTimeout(timer)
    },
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  }
}

/** The ear notes what an engine has heard; this is what then stood in a prompt. */
const PASSED = 'passed on'

function passedBefore(run: Run): Set<string> {
  const notes = [...run.earlier, ...run.entries()].filter(({ kind }) => kind === 'note')
  return new Set(
    notes
      .map(({ data }) => data as { type?: string; text?: string })
      .flatMap(({ type, text }) => (type === PASSED && text ? [text] : [])),
  )
}
