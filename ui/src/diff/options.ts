/** How a person likes their patches: kept in this browser. */
import { useMediaQuery } from '@mantine/hooks'
import { preference, usePreference } from '../parts/preference.ts'

export type Shape = 'side by side' | 'one column'

const shapes = preference<Shape>('diff.shape', ['side by side', 'one column'])
const spaces = preference('diff.space', ['shown', 'ignored'])

export type DiffOptions = {
  shape: Shape
  /** Two columns have no room here, whatever was chosen. */
  isNarrow: boolean
  ignoreSpace: boolean
  turnShape(): void
  turnSpace(): void
}

export function useDiffOptions(): DiffOptions {
  const [chosen, setShape] = usePreference(shapes)
  const [space, setSpace] = usePreference(spaces)
  const isNarrow = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false })
  return {
    shape: isNarrow ? 'one column' : chosen,
    isNarrow,
    ignoreSpace: space === 'ignored',
    turnShape: () => setShape(chosen === 'one column' ? 'side by side' : 'one column'),
    turnSpace: () => setSpace(space === 'shown' ? 'ignored' : 'shown'),
  }
}
