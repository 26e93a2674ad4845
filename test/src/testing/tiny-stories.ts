/** Stories for the tiny repository, each with edits of its own, and the model that plays them or does something else instead. */
import type { Edit } from '@sluice/demo/edits.ts'
import { demoModel } from '@sluice/demo/model.ts'
import { type Asked, askedIn, ended, roleIn } from '@sluice/demo/play/asked.ts'
import { designer } from '@sluice/demo/play/designer.ts'
import { dialectIn, spokenIn } from '@sluice/demo/play/dialect.ts'
import type { DemoStory } from '@sluice/demo/stories.ts'
import { tinyStory } from '@sluice/demo/tiny.ts'
import type { Reply, ScriptedModel } from '@sluice/kit/testing/messages-script.ts'

/** What a role answers in place of its usual play; nothing where it plays as usual. */
export type Instead = (role: string, asked: Asked) => Reply | undefined
export type PlayedStory = DemoStory & { instead?: Instead }

/** `about` names it wherever it shows: in its text, its title and its documents. */
export function storyAbout(
  about: string,
  edits: Edit[],
  more: Partial<Pick<PlayedStory, 'instead' | 'fix' | 'mockup'>> = {},
): PlayedStory {
  const { requirements } = tinyStory
  const text = `Let the project know about ${about}.`
  const solution = [{ name: `1-${about.replaceAll(' ', '-')}`, edits }]
  return { ...tinyStory, id: about, text, requirements: { ...requirements, title: `Know ${about}` }, solution, ...more }
}

/** A story that adds one script and its test, and touches nothing else. */
export const ownFiles = (name: string): Edit[] => [
  { path: `${name}.sh`, new: `echo "${name}"\n` },
  { path: `${name}.test.sh`, new: `test "$(sh ${name}.sh)" = "${name}"\n` },
]

export function playing(stories: readonly PlayedStory[]): ScriptedModel {
  const usual = demoModel(stories, { pace: 'fast' })
  return (request, context) => {
    const dialect = dialectIn(request)
    const asked = askedIn(request, stories, dialect)
    if (!asked) return usual(request, context)
    const role = roleIn(request) ?? ''
    const { instead } = asked.story as PlayedStory
    const reply = instead?.(role, asked) ?? withoutALook(role, asked)
    if (reply === undefined) return usual(request, context)
    return typeof reply === 'string' || 'error' in reply ? reply : spokenIn(dialect, reply)
  }
}

/** The bundle is rendered anyway: looking at the mockup before would only take time. */
function withoutALook(role: string, asked: Asked): Reply | undefined {
  if (role !== 'designer' || ended(asked, 'write').length === 0) return undefined
  return designer({ ...asked, calls: [...asked.calls, look, look] })
}

const look = { name: 'render', input: {}, result: '', isError: false }
