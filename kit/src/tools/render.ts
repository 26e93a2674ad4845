/** The tool `render`: an HTML file of the worktree as a picture the model sees. */
import { z } from 'zod'
import { type AnyTool, type Content, defineTool } from '../agent.ts'
import type { Browser, Rendering } from '../browser.ts'
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
    }),
    // One browser, one page at a time.
    readOnly: false,
    title: ({ path }) => `render ${path}`,
    async run({ path, width = 1280, height = 800 }) {
      const html = (await source.read(path)).toString('utf8')
      const rendered = await browser.render({ html, viewports: [{ name: 'render', width, height }] })
      return { ok: true, content: rendered.flatMap(contentOf) }
    },
  })

function contentOf({ png, consoleErrors }: Rendering): Content[] {
  const errors = consoleErrors.slice(0, 20).join('\n')
  const picture: Content = { type: 'image', mediaType: 'image/png', data: png }
  return errors ? [picture, { type: 'text', text: `The page complained:\n${errors}` }] : [picture]
}
