/** The previews that run: started when a person asks, one for each story, stopped when nobody looks any more. */
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ServiceConfig } from '@sluice/kit/config.ts'
import type { Jail } from '@sluice/kit/jail.ts'
import type { Log } from '@sluice/kit/log.ts'
import { openModelAccess } from '@sluice/kit/model-access.ts'
import { configFile } from '@sluice/kit/paths.ts'
import { jailFrom, resolveJail } from '@sluice/kit/resolve/jail.ts'
import type { PreviewView } from '@sluice/proto/rest.ts'
import type { Story } from '@sluice/proto/story.ts'
import { refuse } from '../refused.ts'
import type { Own } from '../settings.ts'
import { type Preview, startPreview } from './preview.ts'

export type Previews = AsyncDisposable & {
  /** Starts it, or the newer build in place of an older one; what is there already goes on. */
  start(story: Story): Promise<PreviewView>
  stop(story: Story): Promise<PreviewView>
  view(story: Story): PreviewView
  /** By the host it is looked at under. */
  labelled(label: string): Preview | undefined
}

export type PreviewsOptions = {
  own: Own
  log: Log
  /** Below the data directory. */
  dir: string
  gateway?: ServiceConfig['gateway'] | undefined
  now(): Date
  idleMs?: number
}

const IDLE_MS = 10 * 60_000

export function openPreviews({ own, log, dir, gateway, now, idleMs = IDLE_MS }: PreviewsOptions): Previews {
  const running = new Map<string, Preview>()
  let jail: Promise<Jail> | undefined
  const around = {
    dir,
    jail: () => {
      jail ??= findJail()
      return jail
    },
    access: (storyId: string) => (gateway ? toRegistries(gateway, storyId, own) : Promise.resolve(null)),
    rights: { ...own.preview, hidden: [dirname(dir), dirname(configFile())] },
    now,
  }
  // Of a web that was killed: what it ran has ended with it.
  const swept = rm(dir, { recursive: true, force: true })
  const idle = setInterval(() => void stopIdle(), Math.min(idleMs, 30_000))
  idle.unref()

  async function stopIdle(): Promise<void> {
    const since = now().getTime() - idleMs
    const left = [...running].filter(([, preview]) => preview.lookedAt() < since)
    for (const [id, preview] of left) {
      running.delete(id)
      log.info({ storyId: id }, 'nobody looks at the preview any more: stopped')
      await preview.stop()
    }
  }

  function view(story: Story): PreviewView {
    const preview = running.get(story.id)
    const { command, commit } = { command: commandOf(story), commit: story.judged?.commit ?? null }
    if (!preview)
      return { state: 'off', address: null, commit, outdated: false, command, problem: null, log: '', since: null }
    const address = addressOf(own, preview)
    return { ...preview.view(), address, commit: preview.commit, outdated: preview.commit !== commit, command }
  }

  return {
    view,
    labelled: (label) => [...running.values()].find((preview) => preview.label === label),
    async start(story) {
      const preview = commandOf(story) ?? refuse(409, 'This project says no preview command.', HOW_TO_SAY)
      const commit =
        story.judged?.commit ?? refuse(409, 'This story has built nothing yet.', 'Ask again once it is implemented.')
      const there = running.get(story.id)
      const goesOn = there?.commit === commit && there.view().state !== 'ended'
      if (there && goesOn) there.touch()
      else {
        await swept
        running.delete(story.id)
        await there?.stop()
        const { root } = story.submitted.repository
        const config = { setup: story.submitted.config.setup, preview }
        running.set(story.id, startPreview({ storyId: story.id, commit, root, config }, around))
      }
      return view(story)
    },
    async stop(story) {
      const there = running.get(story.id)
      running.delete(story.id)
      await there?.stop()
      return view(story)
    },
    async [Symbol.asyncDispose]() {
      clearInterval(idle)
      await Promise.all([...running.values()].map((preview) => preview.stop()))
    },
  }
}

const HOW_TO_SAY =
  'Commit `preview: <command>` in sluice.yaml, for instance `preview: npm run dev -- --port $PORT`; stories submitted after have it.'
const commandOf = ({ submitted }: Story): string | null => submitted.config.preview

const addressOf = ({ framesPort }: Own, { label }: Preview): string => `http://${label}.localhost:${framesPort}/`

async function findJail(): Promise<Jail> {
  return jailFrom(await resolveJail())
}

/** For set-up and for what the person lets jails reach; no model answers on so little money. */
const toRegistries = (gateway: NonNullable<ServiceConfig['gateway']>, storyId: string, { preview }: Own) =>
  openModelAccess(gateway, {
    ...{ storyId, role: 'web', runId: `preview-${storyId}`.slice(0, 80), attempt: Date.now(), budgetUsd: 1e-9 },
    egress: [...preview.egress, ...preview.services],
  })
