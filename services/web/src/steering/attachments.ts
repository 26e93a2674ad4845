/** What a person attaches: looked at by its bytes, refused in a sentence where no agent could use it. */
import {
  MOST_ATTACHED,
  MOST_FILE_BYTES,
  MOST_PICTURE_BYTES,
  MOST_PICTURE_SIDE,
  mediaTypeOf,
  pictureSize,
  plainName,
} from '@sluice/proto/attachment.ts'
import type { Artifact } from '@sluice/proto/parts.ts'
import type { Attached } from '@sluice/proto/rest.ts'
import { type ArtifactStore, bytesOf } from '../artifacts.ts'
import { refuse } from '../refused.ts'

/** What each of them is, under a name that none of `there` has. */
export async function attachmentsOf(
  asked: readonly Attached[],
  { store, there = [] }: { store: ArtifactStore; there?: readonly Artifact[] },
): Promise<Artifact[]> {
  if (there.length + asked.length > MOST_ATTACHED)
    refuse(413, `A story may have ${MOST_ATTACHED} attachments.`, 'Put the rest into the repository and name it.')
  const taken = new Set(there.map(({ name }) => name))
  const artifacts: Artifact[] = []
  for (const one of asked) artifacts.push(await lookedAt(one, { store, taken }))
  return artifacts
}

async function lookedAt(
  { sha256, name: given }: Attached,
  { store, taken }: { store: ArtifactStore; taken: Set<string> },
): Promise<Artifact> {
  const bytes = await bytesOf(store, sha256)
  const mediaType = mediaTypeOf(bytes)
  if (bytes.length === 0) refuse(400, `${given} is empty.`, 'Attach a file that holds something.')
  if (bytes.length > MOST_FILE_BYTES)
    refuse(413, `${given} is larger than ${MOST_FILE_BYTES / 2 ** 20} MB.`, 'Attach the part that matters.')
  if (mediaType.startsWith('image/')) checkPicture(given, bytes)
  const name = freeName(plainName(given), taken)
  taken.add(name)
  return { sha256, bytes: bytes.length, mediaType, name }
}

function checkPicture(name: string, bytes: Buffer): void {
  const size = pictureSize(bytes)
  if (!size) refuse(400, `${name} is no picture that can be read.`, 'Save it again as PNG, JPEG or WebP.')
  else if (Math.max(size.width, size.height) > MOST_PICTURE_SIDE)
    refuse(
      413,
      `${name} is ${size.width} × ${size.height} pixels: no model takes more than ${MOST_PICTURE_SIDE} a side.`,
      'Scale it down; 1,500 pixels show as much to a model.',
    )
  if (bytes.length > MOST_PICTURE_BYTES)
    refuse(
      413,
      `${name} has ${(bytes.length / 1e6).toFixed(1)} MB: no model takes a picture of more than ${MOST_PICTURE_BYTES / 1e6} MB.`,
      'Scale it down; 1,500 pixels a side show as much to a model.',
    )
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  const dot = name.lastIndexOf('.')
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
  for (let n = 1; ; n++) {
    const free = n === 1 ? name : `${stem}-${n}${ending}`
    if (!taken.has(free)) return free
  }
}
