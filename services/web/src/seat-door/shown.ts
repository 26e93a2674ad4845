/** What a reviewer over REST is shown of the change it judges, without git on its side. */
import { isTreePath } from '@sluice/kit/judgement.ts'
import { openRepository } from '@sluice/kit/repository.ts'
import { changeOf } from '@sluice/kit/story-change.ts'
import { refuse } from '../refused.ts'
import type { Request } from './take.ts'

/** As the reviewers of Sluice's own see it: what the host itself writes for a story is left out. */
export async function diffOf(request: Request): Promise<string> {
  return (await touchedBy(request)).map((file) => file.patch).join('')
}

/** Of every file the change touched: path, old path, status and how many lines. */
export async function changedFiles(request: Request) {
  const touched = await touchedBy(request)
  return touched.map(({ path, oldPath, status, additions, deletions, binary }) => ({
    ...{ path, ...(oldPath === undefined ? {} : { oldPath }) },
    ...{ status, additions, deletions, binary },
  }))
}

export async function fileOf({ data }: Request, path: string, side: string): Promise<Buffer> {
  if (side !== 'head' && side !== 'base')
    return refuse(400, `There is no side ${side}.`, 'Ask for head (after the change) or base (before it).')
  const repository = await openRepository(data.repository.root)
  const commit = side === 'head' ? data.judged.commit : data.judged.base
  const bytes = isTreePath(path) ? await repository.show(commit, path) : null
  return bytes ?? refuse(404, `There is no file ${path} at ${side}.`, 'Without a path, the changed files are listed.')
}

async function touchedBy({ data, storyId = '' }: Request) {
  return changeOf(await openRepository(data.repository.root), data.judged, storyId)
}
