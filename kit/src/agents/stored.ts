/** Blocks of a conversation as the journal holds them: pictures and what is large as artifacts, the rest as it is. */
import type Anthropic from '@anthropic-ai/sdk'
import { Artifact } from '@sluice/proto/parts.ts'
import { z } from 'zod'
import type { Content } from '../agent.ts'
import type { Artifacts } from '../artifacts.ts'

/** A journal entry must stay under 256 kB; one block of this size goes to the store. */
const LARGE_BLOCK_BYTES = 100_000
/** Many blocks that are not large make a large entry too: then all but the small ones go, then those as well. */
const LARGE_ENTRY_BYTES = 200_000
const SMALL_BLOCK_BYTES = 2_000
/** What names a stored block: nothing shorter is worth storing. */
const REFERENCE_BYTES = 250

const StoredPicture = z.object({ type: z.literal('stored_picture'), mediaType: z.string(), artifact: Artifact })
const StoredBlock = z.object({ type: z.literal('stored_block'), artifact: Artifact })
/** What the API knows is checked by the API: a block passes through unread. */
const PlainBlock = z.looseObject({ type: z.string() })
export const Stored = z.union([StoredPicture, StoredBlock, PlainBlock])
export type Stored = z.infer<typeof Stored>

type Picture = { type: 'image'; source: { type: 'base64'; media_type: string; data: string } }

/** Content of a prompt or a result as blocks of the API. */
export const blockOf = (content: Content): Anthropic.TextBlockParam | Anthropic.ImageBlockParam =>
  content.type === 'text'
    ? content
    : {
        type: 'image',
        source: { type: 'base64', media_type: content.mediaType, data: content.data.toString('base64') },
      }

/** Blocks as they go into the journal. */
export async function store(blocks: readonly { type: string }[], artifacts: Artifacts): Promise<Stored[]> {
  let stored: Stored[] = []
  for (const limit of [LARGE_BLOCK_BYTES, SMALL_BLOCK_BYTES, REFERENCE_BYTES]) {
    stored = await Promise.all(blocks.map((b) => storeBlock(b, artifacts, limit)))
    if (bytesOf(stored) <= LARGE_ENTRY_BYTES) break
  }
  return stored
}

async function storeBlock(block: { type: string }, artifacts: Artifacts, limit: number): Promise<Stored> {
  if (isPicture(block)) {
    const { media_type: mediaType, data } = block.source
    // The bytes themselves, so that the journal names a picture by the digest everybody else names it by.
    const artifact = await artifacts.put(Buffer.from(data, 'base64'), { name: 'picture', mediaType })
    return { type: 'stored_picture', mediaType, artifact }
  }
  if (block.type.startsWith('stored_') || bytesOf(block) <= limit) return { ...block }
  const artifact = await artifacts.put(JSON.stringify(block), { name: 'block.json', mediaType: 'application/json' })
  return { type: 'stored_block', artifact }
}

const isPicture = (block: { type: string }): block is Picture =>
  block.type === 'image' && (block as Picture).source.type === 'base64'

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

/** Brings stored blocks back; what was read once is kept for the next turn. */
export function restorer(artifacts: Artifacts): (blocks: readonly Stored[]) => Promise<Anthropic.ContentBlockParam[]> {
  const known = new Map<string, Promise<Anthropic.ContentBlockParam>>()
  const once = (key: string, read: () => Promise<Anthropic.ContentBlockParam>) => {
    const reading = known.get(key) ?? read()
    known.set(key, reading)
    return reading
  }

  const restore = async (block: Stored): Promise<Anthropic.ContentBlockParam> => {
    const picture = StoredPicture.safeParse(block)
    if (picture.success) return once(picture.data.artifact.sha256, () => readPicture(picture.data, artifacts))
    const large = StoredBlock.safeParse(block)
    if (large.success) return once(large.data.artifact.sha256, () => readBlock(large.data, artifacts))
    if (block.type !== 'tool_result' || !Array.isArray(block.content))
      return block as unknown as Anthropic.ContentBlockParam
    const content = await Promise.all(z.array(Stored).parse(block.content).map(restore))
    return { ...block, content } as unknown as Anthropic.ContentBlockParam
  }
  return (blocks) => Promise.all(blocks.map(restore))
}

async function readPicture({ mediaType, artifact }: z.infer<typeof StoredPicture>, artifacts: Artifacts) {
  const data = (await artifacts.get(artifact)).toString('base64')
  const source = { type: 'base64', media_type: mediaType, data }
  return { type: 'image', source } as Anthropic.ImageBlockParam
}

async function readBlock({ artifact }: z.infer<typeof StoredBlock>, artifacts: Artifacts) {
  const block: unknown = JSON.parse((await artifacts.get(artifact)).toString('utf8'))
  return PlainBlock.parse(block) as unknown as Anthropic.ContentBlockParam
}
