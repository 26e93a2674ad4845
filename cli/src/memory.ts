/** An entry of memory on the command line: which it is, how it shows, what is said of it. */
import { Commanded, MemoryEntryView, MemoryHit } from '@sluice/proto/rest.ts'
import { z } from 'zod'
import type { HouseOptions } from './args.ts'
import { openRest } from './opened.ts'
import type { Rest } from './rest.ts'
import { paint, print, printJson } from './terminal.ts'

export const searchMemory = (rest: Rest, words: string): Promise<MemoryHit[]> =>
  rest.get(`/api/memory${words ? `?q=${encodeURIComponent(words)}` : ''}`, z.array(MemoryHit))

/** By its id, or by the beginning of that or of a commit of it: what a search prints is enough. */
export const readEntry = (rest: Rest, name: string): Promise<MemoryEntryView> =>
  rest.get(`/api/memory/${encodeURIComponent(name)}`, MemoryEntryView)

type Saying = { verb: 'edit' | 'pin' | 'forget'; body: unknown; done: (title: string) => string }

export async function speakOf(name: string, options: HouseOptions, { verb, body, done }: Saying): Promise<0> {
  const { rest } = await openRest(options)
  const { entry, title } = await readEntry(rest, name)
  const { event } = await rest.post(`/api/memory/${encodeURIComponent(entry)}/${verb}`, body, Commanded)
  return options.json ? printJson({ entry, event }) : print(done(title))
}

/** What sets it apart from the others, in words. */
export function marksOf(entry: Pick<MemoryHit, 'origin' | 'pinned' | 'edited' | 'reverted'> & { forgotten?: boolean }) {
  return [
    ...(entry.origin === 'history' ? ['from history, not a story'] : []),
    ...(entry.pinned ? ['pinned'] : []),
    ...(entry.edited ? ['edited'] : []),
    ...(entry.forgotten ? [paint('yellow', 'forgotten')] : []),
    ...(entry.reverted ? [paint('yellow', `reverted by ${entry.reverted.slice(0, 12)}`)] : []),
  ]
}
