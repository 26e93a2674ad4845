/** What a command printed as a page that looks as its terminal did: for whoever judges by looking. */
import { SerializeAddon } from '@xterm/addon-serialize'
import headless from '@xterm/headless'

export type TerminalPage = { html: string; width: number; height: number }

const FONT_PX = 14
const LINE_PX = 18
const ADVANCE_PX = 8.43

/** The last `rows` lines, as wide as the terminal. Programs that drew over their screen are shown as they left it. */
export async function terminalPage(raw: string, { cols, rows }: { cols: number; rows: number }): Promise<TerminalPage> {
  const terminal = new headless.Terminal({ cols, rows, scrollback: 0, convertEol: true, allowProposedApi: true })
  const serializer = new SerializeAddon()
  terminal.loadAddon(serializer)
  await new Promise<void>((resolve) => terminal.write(raw, resolve))
  const used = usedRows(terminal)
  const screen = serializer.serializeAsHTML({ includeGlobalBackground: true }).match(/<pre>[\s\S]*<\/pre>/)?.[0] ?? ''
  terminal.dispose()
  const style =
    `html,body{margin:0;background:#000}pre{margin:0;padding:8px;height:${used * LINE_PX}px;overflow:hidden}` +
    `pre div{font:${FONT_PX}px/${LINE_PX}px "DejaVu Sans Mono",monospace!important;white-space:pre}`
  return {
    html: `<!doctype html><meta charset="utf-8"><style>${style}</style>${screen}`,
    width: Math.ceil(cols * ADVANCE_PX) + 16,
    height: used * LINE_PX + 16,
  }
}

function usedRows({ buffer: { active }, rows }: headless.Terminal): number {
  for (let row = rows; row > 1; row -= 1)
    if (active.getLine(active.baseY + row - 1)?.translateToString(true)) return row
  return 1
}
