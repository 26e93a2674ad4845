/** Worktrees of stories, their archives, and what was half removed. */
import { rm } from 'node:fs/promises'
import { diskUse, lastWritten } from '@sluice/kit/disk-use.ts'
import { type Candidate, cardOf, DAY_MS, gone, isOld, type Looking, minute, type Wish } from './candidate.ts'
import { endedStory } from './ended.ts'
import { besideWorktrees, giveBackOf, whyItStays } from './worktrees.ts'

export async function worktrees(looking: Looking, wish: Wish): Promise<Candidate[]> {
  const found: Candidate[] = []
  for (const { name, path } of await besideWorktrees(looking.dataDir)) {
    if (/\.(prepared|ignored|held)\.json(\.|$)/.test(name)) continue
    const bytes = await diskUse(path)
    if (name.endsWith('.ignored.tar.gz')) found.push(await archive(looking, wish, { name, path, bytes }))
    else if (/\.gone-/.test(name)) found.push({ ...rest(name, bytes), remove: gone(path) })
    else found.push(await worktree(looking, wish, { name: name.replace(/\.leaving$/, ''), bytes }))
  }
  return found
}

const rest = (name: string, bytes: number): Candidate => ({
  ...{ kind: 'rest', name, bytes, storyId: null, goes: true },
  why: 'Half removed: what it held was secured before.',
})

async function archive(
  looking: Looking,
  { archives }: Wish,
  { name, path, bytes }: { name: string; path: string; bytes: number },
): Promise<Candidate> {
  const storyId = name.replace(/\.ignored\.tar\.gz$/, '')
  const goes = archives !== null && isOld(looking, await lastWritten(path), archives)
  const why = goes
    ? `What git ignored in a worktree, older than the ${archives} days you named.`
    : 'What git ignored in a worktree. An event names it: it goes only when you say after how many days.'
  const remove = async () => {
    await rm(path, { force: true })
    await rm(path.replace(/\.tar\.gz$/, '.json'), { force: true })
    return null
  }
  return { kind: 'archive', name, bytes, storyId, goes, why, remove }
}

async function worktree(
  looking: Looking,
  wish: Wish,
  { name: id, bytes }: { name: string; bytes: number },
): Promise<Candidate> {
  const about = { kind: 'worktree' as const, name: id, bytes, storyId: id }
  const card = cardOf(looking, id)
  if (!card) return { ...about, storyId: null, goes: false, why: 'No story of this house made it.' }
  const story = await endedStory(looking.bus, id)
  if (!story) return { ...about, goes: false, why: 'Its story is at work.' }
  const until = story.endedAt + looking.policy.keepDays * DAY_MS
  if (!wish.now && looking.now().getTime() < until)
    return { ...about, goes: false, why: `Its story has ended; it is kept until ${minute(until)} (\`worktree.keep\`).` }
  const why = await whyItStays(looking, story)
  if (why !== null) return { ...about, goes: false, why }
  return {
    ...about,
    goes: true,
    why: 'Its story has ended: every byte is committed to a kept ref or archived before it goes.',
    async remove() {
      const back = await giveBackOf(looking, story)
      return back.removed ? null : back.why
    },
  }
}
