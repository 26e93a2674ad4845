/** What a reviewer over REST is shown of the change it judges, without git on its side. */
import { changeOf, type TouchedFile } from '@sluice/kit/story-change.ts'
import { commitSource, type Source } from '@sluice/kit/tools/source.ts'
import type { ChangedFile } from '@sluice/proto/seat.ts'
import { refuse } from '../refused.ts'
import type { Take } from './seat.ts'

export type Shown = {
  /** As the reviewers of Sluice's own see it: what the host itself writes for a story is left out. */
  diff(take: Take): Promise<string>
  /** Of every file the change touched: path, old path, status and how many lines. */
  files(take: Take): Promise<ChangedFile[]>
  file(take: Take, path: string, side: string): Promise<Buffer>
}

type Looked = { touched: Promise<TouchedFile[]>; sides: { head: Source; base: Source } }

export function openShown(): Shown {
  /** A reviewer asks file by file: git is asked once. */
  const looked = new Map<Take, Looked>()

  function look(take: Take): Looked {
    const known = looked.get(take)
    if (known) return known
    const { repository, request } = take
    const { base, commit } = request.data.judged
    const sides = { head: commitSource(repository, commit), base: commitSource(repository, base) }
    const touched = changeOf(repository, { base, commit }, request.storyId ?? '')
    looked.set(take, { touched, sides })
    void take.done.then(() => looked.delete(take))
    return { touched, sides }
  }

  return {
    diff: async (take) => (await look(take).touched).map((file) => file.patch).join(''),
    files: async (take) => (await look(take).touched).map(({ patch: _, hunks: __, ...file }) => file),
    async file(take, path, side) {
      if (side !== 'head' && side !== 'base')
        return refuse(400, `There is no side ${side}.`, 'Ask for head (after the change) or base (before it).')
      const source = look(take).sides[side]
      if ((await source.list()).includes(path)) return source.read(path)
      return refuse(404, `There is no file ${path} at ${side}.`, 'Without a path, the changed files are listed.')
    },
  }
}
