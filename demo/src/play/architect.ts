/** The architect, played: reads the files that change, hands in the plan and its tasks. */
import { tool } from '@sluice/kit/testing/messages-script.ts'
import { changedFiles } from '../stories.ts'
import { type Asked, sentBack } from './asked.ts'
import { type Play, say, submit } from './saying.ts'

export const architect: Play = (asked) => {
  const { story, calls } = asked
  if (calls.length === 0)
    return say(
      'I read the project’s guide and the files this belongs into.',
      ...['README.md', ...changedFiles(story)].map((path) => tool('read', { path })),
    )

  const words = `The plan has ${story.tasks.length} ${story.tasks.length === 1 ? 'task' : 'tasks'}; every criterion is served.`
  return submit(asked, words, { architecture: planOf(asked), tasks: story.tasks })
}

function planOf(asked: Asked): string {
  const unheard = sentBack(asked).map(
    (comment) => `- “${comment}”: the scripted model has one plan for this story, so it is unchanged.`,
  )
  return unheard.length > 0
    ? `${asked.story.architecture}\n## Sent back\n${unheard.join('\n')}\n`
    : asked.story.architecture
}
