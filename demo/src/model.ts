/** The scripted model: plays every role of the demo's stories, from what each request holds and nothing else. */
import type { Reply, Said, ScriptedModel } from '@sluice/kit/testing/messages-script.ts'
import { analyst } from './play/analyst.ts'
import { generic, refactor } from './play/approving.ts'
import { architect } from './play/architect.ts'
import { askedIn, roleIn } from './play/asked.ts'
import { designer } from './play/designer.ts'
import { dialectIn, spokenIn } from './play/dialect.ts'
import { implementer } from './play/implementer.ts'
import { giveUp, type Play } from './play/saying.ts'
import { security } from './play/security.ts'
import { type DemoStory, readStories } from './stories.ts'

/** `watch`: so slow that a person can follow it. */
export type Pace = 'watch' | 'fast'

const PACES: Record<Pace, Pick<Said, 'delayMs' | 'betweenMs' | 'chunk'>> = {
  watch: { delayMs: 350, betweenMs: 10, chunk: 40 },
  fast: { chunk: 8_000 },
}

const PLAYS: Record<string, Play> = {
  analyst,
  designer,
  architect,
  implementer,
  'security reviewer': security,
  'refactor reviewer': refactor,
  'generic reviewer': generic,
}

export function demoModel(
  stories: readonly DemoStory[] = readStories(),
  { pace = 'watch' }: { pace?: Pace } = {},
): ScriptedModel {
  return (request): Reply => {
    const dialect = dialectIn(request)
    // Asked beside the work by agents that want a title for it.
    if (!dialect && (request.tools ?? []).length === 0) return { content: ['A story of the demo'] }
    const role = roleIn(request)
    const play = PLAYS[role ?? '']
    if (!play)
      return giveUp(`plays no ${role ?? 'role that is not named'}; it plays: ${Object.keys(PLAYS).join(', ')}.`)
    const asked = askedIn(request, stories, dialect)
    if (!asked)
      return giveUp(
        `plays only these stories: ${stories.map(({ requirements }) => requirements.title).join(' · ')}. For others, give Sluice a key and your own repository.`,
      )
    const reply = play(asked)
    return 'error' in reply ? reply : { ...spokenIn(dialect, reply), ...PACES[pace] }
  }
}
