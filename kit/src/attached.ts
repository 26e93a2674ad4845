/** What a person attached, as a model is given it: pictures as pictures, text as text, all else by the name of its file. */
import type { Artifact } from '@sluice/proto/parts.ts'
import type { Content } from './agent.ts'
import { clip } from './agents/clip.ts'
import type { Artifacts } from './artifacts.ts'

/** What of a text is given at once; the file itself has all of it. */
const TEXT_BYTES = 50_000
export const ATTACHED_DIR = '/attached'

export const isPicture = ({ mediaType }: Pick<Artifact, 'mediaType'>): boolean =>
  ['image/png', 'image/jpeg', 'image/webp'].includes(mediaType)
export const isText = ({ mediaType }: Pick<Artifact, 'mediaType'>): boolean => mediaType.startsWith('text/')

/** `hasFiles`: the jail of this run holds them under their names. */
export async function attachedContent(
  attachments: readonly Artifact[],
  { artifacts, hasFiles }: { artifacts: Artifacts; hasFiles: boolean },
): Promise<Content[]> {
  const parts = attachments.map(async (one): Promise<Content[]> => {
    const where = hasFiles ? ` It lies at ${ATTACHED_DIR}/${one.name}, read-only.` : ''
    const head = (what: string): Content => ({
      type: 'text',
      text: `Attached by the person: ${one.name}, ${what}.${where}`,
    })
    if (isPicture(one))
      return [
        head('a picture'),
        { type: 'image', mediaType: one.mediaType as 'image/png', data: await artifacts.get(one) },
      ]
    if (!isText(one))
      return [head(`${one.mediaType}, ${one.bytes} bytes${hasFiles ? '' : ', which cannot be shown here'}`)]
    const text = (await artifacts.get(one)).toString('utf8')
    return [
      head('a text'),
      { type: 'text', text: `<attached name="${one.name}">\n${clip(text, TEXT_BYTES)}\n</attached>` },
    ]
  })
  return (await Promise.all(parts)).flat()
}
