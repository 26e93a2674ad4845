/** A fork: a new story with what another one's gates let pass, on the same base, in a branch and worktree of its own. */
import { startBranch } from '@sluice/kit/changes.ts'
import { readAll } from '@sluice/kit/follow.ts'
import { record } from '@sluice/kit/record.ts'
import { chosenText, titleOf } from '@sluice/proto/card.ts'
import { type Event, StorySubmitted } from '@sluice/proto/events.ts'
import { defaultMaxRounds } from '@sluice/proto/pipeline.ts'
import { requiredSeats } from '@sluice/proto/project.ts'
import { Fork } from '@sluice/proto/rest.ts'
import { evolve, type Story } from '@sluice/proto/story.ts'
import type { Web } from '../app.ts'
import { understood } from '../body.ts'
import { choicesOf, crewOf } from '../crew.ts'
import { pricedModels } from '../models.ts'
import { refuse } from '../refused.ts'
import { SEATS_TURN } from '../seats.ts'
import { limitsOf, saidBefore, storyIdFor, usableTitle } from '../submit.ts'
import { openProject } from './checkpoints.ts'
import { inheritedAt } from './inherit.ts'

type Means = Pick<Web, 'own' | 'bus' | 'stories' | 'turns' | 'env' | 'now'>
type Forking = { storyId: string; body: unknown; key: string; signal: AbortSignal }

/** The id of the new story. */
export async function fork(web: Means, { storyId, body, key, signal }: Forking): Promise<string> {
  const { own, stories, turns } = web
  const asked = understood(Fork, body)
  const parent = await foldOf(web, storyId)
  return turns(`a new story ${key}`, async () => {
    signal.throwIfAborted()
    const before = saidBefore(stories, parent.submitted.text, key)
    if (before) return before
    const crew = crewOf(own, stories.project(own.project.id))
    const choices = choicesOf(asked, { crew, models: pricedModels(own), engines: own.engines })
    const { inherits, eventId } = inheritedAt(parent, asked.at)
    const title = usableTitle(asked.title) ?? titleFor(parent, choices)
    const id = storyIdFor(title, key)
    // Before the event: whoever builds or reviews the fork finds the branch there. Made again, it is the same one.
    if (inherits.build)
      await startBranch(await openProject(web), { branch: `sluice/${id}`, at: inherits.build.judged.commit })

    const { text, repository, config, attachments } = parent.submitted
    const budgetUsd = asked.budgetUsd ?? own.budgetUsd
    const limits = limitsOf(own, { budgetUsd, asked: undefined })
    const asks = {
      ...{ title, text, repository, config, budgetUsd, inherits },
      ...(limits && { limits }),
      ...(attachments && { attachments }),
      ...((asked.auto ?? parent.submitted.auto) ? { auto: true } : {}),
      ...(choices && { choices }),
      parent: { storyId, eventId },
    }
    const saying = { type: StorySubmitted, source: 'web', projectId: own.project.id, storyId: id, cause: null, n: key }
    await turns(SEATS_TURN, () => {
      const seats = requiredSeats(stories.project(own.project.id) ?? undefined)
      const policy = { path: parent.policy.path, seats, maxRounds: defaultMaxRounds }
      return stories.record(record({ ...saying, data: { ...asks, policy }, now: web.now() }))
    })
    return id
  })
}

/** The story as it stands or ended: its last events are in the log, whatever this process remembers. */
export async function foldOf({ bus }: Pick<Web, 'bus'>, storyId: string): Promise<Story> {
  const events = await readAll(bus, `story.${storyId}.>`)
  const story = events.reduce<Story | null>((story, { event }) => evolve(story, event as Event), null)
  return story ?? refuse(404, `There is no story ${storyId}.`, 'Name one of the board.')
}

const MOST_TITLE = 120

function titleFor(parent: Story, choices: Parameters<typeof chosenText>[0]): string {
  const how = ` (fork${choices ? `: ${chosenText(choices)}` : ''})`.slice(0, MOST_TITLE / 2)
  const title = titleOf(parent)
  return `${title.slice(0, MOST_TITLE - how.length)}${how}`
}
