/** The tool `render`: an HTML file of the worktree as a picture the model sees. */
import { z } from 'zod'
import { type AnyTool, type Content, defineTool } from '../agent.ts'
import type { Browser, Rendering } from '../browser.ts'
import { inState } from '../page-state.ts'
import type { Source } from './source.ts'

/** What the tool needs of a browser. */
export type Renderer = Pick<Browser, 'render'>

export const renderTool = ({ source, browser }: { source: Source; browser: Renderer }): AnyTool =>
  defineTool({
    name: 'render',
    description:
      'Shows an HTML file of the project as a picture, as a browser without network draws it. The file stands alone: styles and scripts inside it.',
    input: z.object({
      path: z.string().min(1),
      width: z.int().min(200).max(2_000).optional().describe('of the window, default 1280'),
      height: z.int().min(200).max(2_000).optional().describe('of the window, default 800'),
      state: z
        .string()
        .regex(/^[a-z][a-z0-9-]*$/)
        .optional()
        .describe('shows the page with this data-state on <html>; without it, as the file says'),
      colorScheme: z.enum(['light', 'dark']).optional().describe('default light'),
    }),
    // One browser, one page at a time.
    readOnly: false,
    title: ({ path, ...how }) => ['render', path, ...Object.values(how)].join(' '),
    async run({ path, width = 1280, height = 800, state, colorScheme = 'light' }) {
      const file = (await source.read(path)).toString('utf8')
      const html = state ? inState(file, state) : file
      const rendered = await browser.render({ html, viewports: [{ name: 'render', width, height, colorScheme }] })
      return { ok: true, content: rendered.flatMap(contentOf) }
    },
  })

function contentOf({ png, consoleErrors }: Rendering): Content[] {
  const errors = consoleErrors.slice(0, 20).join('\n')
  const picture: Content = { type: 'image', mediaType: 'image/png', data: png }
  return errors ? [picture, { type: 'text', text: `The page complained:\n${errors}` }] : [picture]
}
