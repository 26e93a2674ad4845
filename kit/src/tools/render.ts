/** The tool `render`: an HTML file of the worktree, or a page of the app that runs in the jail, as a picture the model sees. */
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
      'Shows a page as a picture: an HTML file of the project by its path (it stands alone: styles and scripts inside it), or a page of the app ' +
      'that you have started in the shell, by its url (http://localhost:PORT/…). The browser has no other network.',
    input: z.object({
      path: z.string().min(1).optional(),
      url: z
        .string()
        .regex(/^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|$)/)
        .optional()
        .describe('instead of path'),
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
    title: ({ path, url, ...how }) => ['render', path ?? url, ...Object.values(how)].join(' '),
    async run({ path, url, width = 1280, height = 800, state, colorScheme = 'light' }) {
      if ((path === undefined) === (url === undefined)) throw new Error('Give either path or url.')
      if (url !== undefined && state) throw new Error('state is for files: open the url that shows it.')
      const page = url === undefined ? { html: await htmlOf(source, path ?? '', state) } : { url }
      const rendered = await browser.render({ ...page, viewports: [{ name: 'render', width, height, colorScheme }] })
      return { ok: true, content: rendered.flatMap(contentOf) }
    },
  })

async function htmlOf(source: Source, path: string, state: string | undefined): Promise<string> {
  const file = (await source.read(path)).toString('utf8')
  return state ? inState(file, state) : file
}

function contentOf({ png, consoleErrors }: Rendering): Content[] {
  const errors = consoleErrors.slice(0, 20).join('\n')
  const picture: Content = { type: 'image', mediaType: 'image/png', data: png }
  return errors ? [picture, { type: 'text', text: `The page complained:\n${errors}` }] : [picture]
}
