/** What a person says to Claude Code while it works: keys for its terminal, words for its conversation, answers to what it asked. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Artifact } from '@sluice/proto/parts.ts'
import type { Said } from '@sluice/proto/said.ts'
import { z } from 'zod'
import { attachedDir, placeAttached } from '../../attached.ts'
import { pauseFor, wordsIn } from '../../ear.ts'
import { Refusal } from '../../errors.ts'
import { transcriptFile } from './config-dir.ts'
import type { Session } from './session.ts'
import { hasHeard } from './transcript.ts'
import { type } from './typing.ts'

const ESC = '\u001b'
/** Nobody typed for so long: the terminal is the agent's again. */
const HAND_BACK_MS = 60_000

export async function hearPerson(session: Session, said: Said): Promise<void> {
  const { now, permits, over } = session
  switch (said.do) {
    case 'steer':
      keep(session, { id: said.id ?? randomUUID(), text: said.text, attachments: said.attachments ?? [] })
      return passWords(session)
    case 'pause':
      now.wish = said
      // Between two turns there is nothing to wait for.
      if (said.now || !now.busy) over(pauseFor(said))
      return
    case 'decide': {
      const { permission, allow, reason } = said
      if (permits.decide(permission, { allow, by: 'person', ...(reason && { reason }) })) return
      throw new Refusal(
        'That question is not open any more.',
        'Look at the run: it may have been answered at its terminal.',
      )
    }
    case 'keys':
      await take(session)
      return running(session).keys(said.data)
    case 'interrupt':
      running(session).keys(ESC)
      await session.run.append('note', { type: 'interrupt', text: 'Interrupted by you.' })
      now.busy = false
      session.moments.put({ kind: 'interrupted' })
  }
}

function running({ now }: Session) {
  if (now.cli?.alive) return now.cli
  throw new Refusal('Claude Code is not running at the moment.', 'Try again in a moment.')
}

type Spoken = { id: string; text: string; attachments?: readonly Artifact[] | undefined }

/** Said twice, it is typed once. */
function keep({ now }: Session, { id, text, attachments = [] }: Spoken): void {
  if (!now.words.some((known) => known.id === id)) now.words.push({ id, text, attachments, typed: false })
}

const Kept = z.object({ type: z.literal('in-conversation'), words: z.string() })

/** What stands in the journal and, as far as is known, not in the conversation: whoever was told it died before it was typed, or read. */
export function recallWords(session: Session): void {
  const { run } = session
  const all = [...run.earlier, ...run.entries()]
  const kept = new Set(all.flatMap(({ data }) => Kept.safeParse(data).data?.words ?? []))
  for (const words of wordsIn(run)) if (!kept.has(words.id)) keep(session, words)
}

/** Typed once it is in a conversation; who dies before it has them types them in the next life. */
export async function passWords(session: Session): Promise<void> {
  const { now } = session
  if (!now.cli?.alive || now.prompts === 0) return
  for (const words of now.words.filter(({ typed }) => !typed)) {
    words.typed = true
    const files = await attached(session, words.attachments)
    await type(session, [`From the person: ${words.text}`, ...files].join('\n'))
  }
}

/** Words that stand in its conversation are its own to remember. */
export async function noteHeard({ now, run, configDir }: Session): Promise<void> {
  const waiting = now.words.filter(({ typed }) => typed)
  const file = waiting.length > 0 && now.session ? transcriptFile(configDir, now.session) : null
  for (const words of file ? waiting : []) {
    if (!hasHeard(file ?? '', words.text)) continue
    now.words.splice(now.words.indexOf(words), 1)
    await run.append('note', { type: 'in-conversation', words: words.id })
  }
}

/** Whoever types has the terminal until a minute after their last key: said once, and once that it is given back. */
async function take(session: Session): Promise<void> {
  const { now, run } = session
  session.sign()
  clearTimeout(now.taken)
  const begins = now.taken === undefined
  now.taken = setTimeout(() => {
    now.taken = undefined
    void run.append('note', { type: 'terminal', text: 'The terminal is the agent’s again.' }).catch(() => undefined)
  }, HAND_BACK_MS).unref()
  if (begins) await run.append('note', { type: 'terminal', text: 'You have the terminal.' })
}

/** As files it can read, where it has a tool that reads; mostly they were brought before the words were heard. */
async function attached({ hasPlace, options, run }: Session, files: readonly Artifact[]): Promise<string[]> {
  if (files.length === 0) return []
  if (!hasPlace) return [`(${files.length} files came with this, which this role cannot open here.)`]
  const dir = attachedDir(options.workshop.dataDir, run.storyId)
  await placeAttached(files, { artifacts: options.artifacts, dir })
  return files.map(({ name }) => `Attached: ${join(dir, name)}`)
}
