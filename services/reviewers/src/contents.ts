/** Many files of one commit at once, from git's objects; what is no file there, or over 1 MB, is left out. */
import type { Repository } from '@sluice/kit/repository.ts'
import { commitSource } from '@sluice/kit/tools/source.ts'

export async function contentsOf(
  repository: Pick<Repository, 'view'>,
  commit: string,
  paths: readonly string[],
): Promise<Map<string, Buffer>> {
  const read = await commitSource(repository, commit).readMany?.(paths)
  return new Map(read?.map(({ path, content }) => [path, content]))
}
