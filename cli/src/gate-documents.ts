/** What a person reads before they decide at a gate: the documents of its stage, whole, and where its pictures are. */
import type { Gate, Story } from '@sluice/proto/story.ts'
import type { About } from './command.ts'
import { type Document, documentsOf } from './standing.ts'
import { plainLines } from './terminal.ts'

export const documentsAt = (story: Story, { gate }: Gate): Document[] =>
  documentsOf(story).filter(({ stage }) => stage === (gate === 'review' ? 'implementation' : gate))

/** The text of those that are text; none at the review gate, where the change itself is what is decided about. */
export async function textsAt(story: Story, gate: Gate, { rest }: Pick<About, 'rest'>): Promise<string[]> {
  const texts = documentsAt(story, gate).filter(({ artifact }) => artifact.mediaType.startsWith('text/markdown'))
  const read = await Promise.all(texts.map(({ artifact }) => rest.text(`/artifacts/${artifact.sha256}`)))
  return read.map((text) => plainLines(text).trimEnd()).filter((text) => text !== '')
}
