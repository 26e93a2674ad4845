/** Files of the person's as a story takes them: put by their content, named by their name. */
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { Refusal } from '@sluice/kit/errors.ts'
import { MOST_FILE_BYTES } from '@sluice/proto/attachment.ts'
import type { Attached } from '@sluice/proto/rest.ts'
import type { Rest } from './rest.ts'

/** All are read before the first is sent: one that is not there is told at once. */
export async function putFiles(rest: Rest, paths: readonly string[]): Promise<Attached[]> {
  const files = await Promise.all(paths.map(readOne))
  for (const { sha256, bytes } of files) await rest.put(`/artifacts/${sha256}`, bytes)
  return files.map(({ sha256, name }) => ({ sha256, name }))
}

async function readOne(typed: string) {
  const path = resolve(process.env.INIT_CWD ?? process.cwd(), typed)
  const found = await stat(path).catch(() => null)
  if (!found?.isFile()) throw new Refusal(`There is no file ${typed}.`, 'Name the files to attach.')
  if (found.size > MOST_FILE_BYTES)
    throw new Refusal(`${typed} is larger than ${MOST_FILE_BYTES / 2 ** 20} MB.`, 'Attach the part that matters.')
  const bytes = await readFile(path)
  return { bytes, name: basename(path), sha256: createHash('sha256').update(bytes).digest('hex') }
}
