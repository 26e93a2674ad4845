/** How the page looks: the system's own letters, one quiet colour, and orange for what needs a person. */
import { createTheme, type MantineColorsTuple } from '@mantine/core'

/** What needs a person: one orange, dark enough for white letters. */
const attention = Array.from({ length: 10 }, () => '#b34500') as unknown as MantineColorsTuple

export const theme = createTheme({
  primaryColor: 'teal',
  colors: { attention },
  // Dark enough for white letters in either scheme.
  primaryShade: 9,
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: '650' },
  cursorType: 'pointer',
  respectReducedMotion: true,
})
