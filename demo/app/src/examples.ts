/** What a new board shows, so that it does not begin empty. */
import type { NoteFields } from './notes.ts'

export const EXAMPLES: NoteFields[] = [
  { title: 'Bread, second try', body: 'Less water (68 %), longer rest. Fold three times in the first hour, then leave it alone.', state: 'posted' },
  { title: 'Talk for the garden club', body: 'Start with the tomatoes that failed. People remember what went wrong.', state: 'draft' },
  { title: 'Bicycle', body: 'Rear brake squeaks when wet. New pads are in the blue box under the bench.', state: 'posted' },
  { title: 'Letter to Anna', body: 'Thank her for the map. Ask about the path along the river & whether the <ferry> still runs.', state: 'draft' },
  { title: 'Books to return', body: 'Two to the library by Friday, one to Tom whenever.', state: 'posted' },
  { title: 'Paint for the hall', body: 'Warm white, matt. 2 x 2.5 l is enough for walls and ceiling.', state: 'posted' },
]
