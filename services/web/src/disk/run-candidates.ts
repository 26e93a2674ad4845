/** Runs of ended stories: what still lies on RUN, and their recordings and logs as files. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { diskUse, lastWritten } from '@sluice/kit/disk-use.ts'
import { readAll } from '@sluice/kit/follow.ts'
import { storiesOnRun } from '@sluice/kit/run-stream.ts'
import { liveMessages } from '@sluice/kit/runs.ts'
import { RunPacked } from '@sluice/proto/events.ts'
import { type Candidate, gone, isOld, type Looking, minute, UNUSED, type Wish } from './candidate.ts'
import { endedStory } from './ended.ts'
import { packRuns, purgePacked, STAYS } from './pack-runs.ts'

export async function journals(looking: Looking, wish: Wish): Promise<Candidate[]> {
  const onRun = (await storiesOnRun(looking.bus)).filter(({ source }) => source !== STAYS)
  const found: Candidate[] = []
  for (const id of new Set(onRun.map(({ storyId }) => storyId))) {
    const story = await endedStory(looking.bus, id)
    if (!story) continue
    const live = (await liveMessages(looking.bus, `run.*.${id}.>`)).filter(
      ({ subject }) => subject.split('.')[1] !== STAYS,
    )
    const bytes = live.reduce((sum, { body }) => sum + JSON.stringify(body).length, 0)
    const at = Math.max(...story.packs.map(({ time }) => Date.parse(time)), story.endedAt) + looking.times.purgeAfterMs
    const goes = wish.now || at <= looking.now().getTime()
    found.push({
      ...{ kind: 'journal', name: `runs of ${id}`, bytes, storyId: id, goes },
      why: goes
        ? 'Kept entry by entry in an artifact that `run.packed` names, and read from there.'
        : `Packed once its story has ended; it leaves RUN at ${minute(at)}, when no backup can miss it.`,
      async remove() {
        await packRuns(looking, story)
        const packed = await endedStory(looking.bus, id)
        for (const { data } of packed?.packs ?? []) await purgePacked(looking, story, data)
        const left = (await storiesOnRun(looking.bus)).some((one) => one.storyId === id && one.source !== STAYS)
        return left ? 'A run of it is not over.' : null
      },
    })
  }
  return found
}

/** Recordings are artifacts by then; logs are what checks and set-up said, artifacts too. */
export async function runs(looking: Looking, wish: Wish): Promise<Candidate[]> {
  const storyOf = new Map<string, string>()
  for (const { event } of await readAll(looking.bus, `story.*.${RunPacked.type}.>`))
    if (event.type === RunPacked.type) for (const { runId } of event.data.runs) storyOf.set(runId, event.storyId ?? '')
  const found: Candidate[] = []
  let staying = { files: 0, bytes: 0 }
  for (const runId of await readdir(looking.runsDir).catch(() => [])) {
    const path = join(looking.runsDir, runId)
    const [bytes, storyId] = [await diskUse(path), storyOf.get(runId)]
    if (storyId && (wish.now || isOld(looking, await lastWritten(path), UNUSED.run)))
      found.push({
        ...{ kind: 'run', name: runId, bytes, storyId, goes: true },
        why: 'Its run is packed: recordings and logs are artifacts.',
        remove: gone(path),
      })
    else staying = { files: staying.files + 1, bytes: staying.bytes + bytes }
  }
  if (staying.files > 0)
    found.push({
      ...{ kind: 'run', name: `${staying.files} runs`, bytes: staying.bytes, storyId: null, goes: false },
      why: 'At work, not packed yet, or written in the last days.',
    })
  return found
}
