/** How the page looks: the system's own letters, one quiet colour, and orange for what needs a person. */
import { createTheme, type MantineColorsTuple } from '@mantine/core'

/** What needs a person: light shades are letters on dark ground, the last two carry white letters. */
const attention: MantineColorsTuple = [
  ...(['#fff4ec', '#ffe3d0', '#ffcba6', '#ffb27a', '#ff9a4d'] as const),
  ...(['#f0761f', '#d95f0e', '#c95000', '#b34500', '#b34500'] as const),
]

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
