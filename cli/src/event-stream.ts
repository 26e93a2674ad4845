/** An event stream as a server sends it (text/event-stream), event by event. */

export type ServerEvent = { event: string; data: string }

export async function* eventsIn(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder()
  let held = ''
  for await (const piece of body) {
    const blocks = (held + decoder.decode(piece, { stream: true })).split('\n\n')
    held = blocks.pop() ?? ''
    for (const block of blocks) yield eventOf(block)
  }
}

function eventOf(block: string): ServerEvent {
  const fields = block.split('\n').map((line) => /^(\w+): ?(.*)$/.exec(line) ?? [])
  const all = (name: string) => fields.flatMap(([, field, value = '']) => (field === name ? [value] : []))
  return { event: all('event').at(-1) ?? 'message', data: all('data').join('\n') }
}
