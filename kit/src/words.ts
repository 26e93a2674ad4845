/** A person's words as a model is given them in the middle of its work. */
import type { Words } from '@sluice/proto/parts.ts'
import type { Content } from './agent.ts'
import type { Artifacts } from './artifacts.ts'
import { attachedContent } from './attached.ts'

export async function wordsContent(
  { text, at, attachments = [] }: Words,
  about: { artifacts: Artifacts; dir: string | null },
): Promise<Content[]> {
  const said: Content = { type: 'text', text: `<from-the-person at="${at}">\n${text}\n</from-the-person>` }
  return [said, ...(await attachedContent(attachments, about))]
}
