/** What can be typed after `sluice`, level by level: read from the verbs themselves, so that it cannot fall behind. */
import type { Verbs } from '../dispatch.ts'

export type Level = {
  /** The words before, joined by a blank: '' or `story show`. */
  path: string
  words: { word: string; about: string }[]
  /** A verb stands here: its options may follow whatever else was typed. */
  isVerb: boolean
  /** What comes next is a story's id. */
  wantsStory: boolean
}

export async function levelsOf(verbs: Verbs, path: readonly string[] = []): Promise<Level[]> {
  const entries = Object.entries(verbs)
  const loaded = await Promise.all(
    entries.map(async ([word, entry]) => ({ word, entry, verb: typeof entry === 'function' ? await entry() : null })),
  )
  const words = loaded.map(({ word, entry, verb }) => ({
    word,
    about: verb?.summary ?? ('summary' in entry ? entry.summary : ''),
  }))
  const below = await Promise.all(
    loaded.map(async ({ word, entry, verb }): Promise<Level[]> => {
      const here = [...path, word]
      if (!verb) return 'verbs' in entry ? levelsOf(entry.verbs, here) : []
      return [
        {
          path: here.join(' '),
          words: optionsIn(verb.usage),
          isVerb: true,
          wantsStory: / (?:ID|STORY|\[STORY\])(?: |$)/.test(verb.usage),
        },
      ]
    }),
  )
  return [{ path: path.join(' '), words, isVerb: false, wantsStory: false }, ...below.flat()]
}

/** Options, and words to choose among, as the usage line names them: `--json`, `bash|zsh|fish`. */
function optionsIn(usage: string): Level['words'] {
  const options = usage.match(/--[a-z][a-z-]*/g) ?? []
  const choices =
    usage
      .split(' ')
      .find((word) => /^[a-z]+(\|[a-z]+)+$/.test(word))
      ?.split('|') ?? []
  return [...choices, ...new Set([...options, '--help'])].map((word) => ({ word, about: '' }))
}
