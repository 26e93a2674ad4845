/** The board on the bus: a card a story in a KV bucket, and how far into STORY the cards go. */
import { z } from 'zod'

/** Key: the story; value: its `Card`, or null where STORY knows no such story. */
export const CARDS = 'cards'

/** No story is called so. Its value says: every event up to here stands in a card. */
export const FOLDED_KEY = '=folded'
export const FoldedTo = z.object({ sequence: z.int() })
export type FoldedTo = z.infer<typeof FoldedTo>

export const cardSubject = (key: string): string => `$KV.${CARDS}.${key}`
/** `$KV.cards.<key>`: whose card it is. */
export const keyIn = (subject: string): string => subject.slice(cardSubject('').length)
