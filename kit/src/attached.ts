/** What a person attached, as a model is given it: pictures as pictures, text as text, all else by the name of its file. */
import { randomUUID } from 'node:crypto'
import { mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifact } from '@sluice/proto/parts.ts'
import type { Content } from './agent.ts'
import { clip } from './agents/clip.ts'
import type { Artifacts } from './artifacts.ts'

/** What of a text is given at once; the file itself has all of it. */
const TEXT_BYTES = 50_000

/** Where the files of a story lie for jails: each may read there and none may write. */
export const attachedDir = (dataDir: string, storyId: string): string => join(dataDir, 'attached', storyId)

/** Written beside and renamed: what is there is whole, and put twice it is the same. */
export async function placeAttached(
  attachments: readonly Artifact[],
  { artifacts, dir }: { artifacts: Artifacts; dir: string },
): Promise<void> {
  await mkdir(dir, { recursive: true })
  for (const one of attachments) {
    const file = join(dir, one.name)
    if ((await stat(file).catch(() => null))?.size === one.bytes) continue
    const beside = join(dir, `.${randomUUID()}`)
    await writeFile(beside, await artifacts.get(one), { mode: 0o444 })
    await rename(beside, file)
  }
}

/** `dir` is where the agent can read the files; null where it has no place to read them in. */
export async function attachedContent(
  attachments: readonly Artifact[],
  { artifacts, dir }: { artifacts: Artifacts; dir: string | null },
): Promise<Content[]> {
  return (await Promise.all(attachments.map((one) => contentOf(one, { artifacts, dir })))).flat()
}

async function contentOf(
  one: Artifact,
  { artifacts, dir }: { artifacts: Artifacts; dir: string | null },
): Promise<Content[]> {
  const { name, mediaType, bytes } = one
  const where = dir ? ` It lies at ${join(dir, name)}, read-only.` : ''
  const head = (what: string): Content => ({ type: 'text', text: `Attached by the person: ${name}, ${what}.${where}` })
  if (isPicture(mediaType)) return [head('a picture'), { type: 'image', mediaType, data: await artifacts.get(one) }]
  if (!mediaType.startsWith('text/'))
    return [head(`${mediaType}, ${bytes} bytes${dir ? '' : ', which cannot be shown here'}`)]
  const text = clip((await artifacts.get(one)).toString('utf8'), TEXT_BYTES)
  return [head('a text'), { type: 'text', text: `<attached name="${name}">\n${text}\n</attached>` }]
}

type PictureType = Extract<Content, { type: 'image' }>['mediaType']

const isPicture = (mediaType: string): mediaType is PictureType =>
  ['image/png', 'image/jpeg', 'image/webp'].includes(mediaType)
