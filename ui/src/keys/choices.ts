/** What the palette offers for what was typed: stories, pages, actions. */
import type { Card } from '@sluice/proto/rest.ts'

export type Choice = { label: string; about: string; run: () => void }

const MOST = 12

/** Every word must be found somewhere; a title that begins with what was typed comes first. */
export function found(choices: readonly Choice[], typed: string): Choice[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const textOf = ({ label, about }: Choice) => `${label} ${about}`.toLowerCase()
  const hits = choices.filter((choice) => words.every((word) => textOf(choice).includes(word)))
  const begins = ({ label }: Choice) => Number(label.toLowerCase().startsWith(typed.toLowerCase().trim()))
  return hits.toSorted((a, b) => begins(b) - begins(a)).slice(0, MOST)
}

/** Those that want something first, then those that moved last. */
export const storyChoices = (cards: Iterable<Card>, goTo: (path: string) => void): Choice[] =>
  [...cards]
    .sort((a, b) => Number(b.needsPerson) - Number(a.needsPerson) || b.updated.localeCompare(a.updated))
    .map(({ id, title, stage, needsPerson }) => ({
      label: title,
      about: `story ${id.slice(0, 8)}, ${needsPerson ? `${stage}, needs you` : stage}`,
      run: () => goTo(`/stories/${id}`),
    }))
