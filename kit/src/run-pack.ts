/** Journals of ended runs as one file: what lay on RUN, entry by entry, in the order it was written. */
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { z } from 'zod'

/** One message of RUN. */
export const RunMessage = z.object({ subject: z.string(), sequence: z.int(), body: z.unknown() })
export type RunMessage = z.infer<typeof RunMessage>

export const PACK_TYPE = 'application/gzip'

/** The same messages give the same bytes: packed twice, it is one artifact. */
export async function packed(messages: readonly RunMessage[]): Promise<Buffer> {
  const lines = messages.map(({ subject, sequence, body }) => `${JSON.stringify({ subject, sequence, body })}\n`)
  return await promisify(gzip)(Buffer.from(lines.join('')), { level: 9 })
}

export async function unpacked(pack: Buffer): Promise<RunMessage[]> {
  const text = (await promisify(gunzip)(pack)).toString()
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => RunMessage.parse(JSON.parse(line)))
}
