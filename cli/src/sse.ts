/** Server-sent events out of a response (WHATWG HTML, 9.2.6): each with its name, its id and its data. */
export type SseEvent = { name: string; id: string | null; data: string }

export async function* sseEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<SseEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  let event = nothingYet()
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines.map((text) => text.replace(/\r$/, ''))) {
      if (line !== '') {
        take(line, event)
        continue
      }
      // What has no data is a heartbeat: it says that the line stands.
      yield { ...event, data: event.data.join('\n') }
      event = nothingYet()
    }
  }
}

const nothingYet = () => ({ name: 'message', id: null as string | null, data: [] as string[] })

function take(line: string, event: ReturnType<typeof nothingYet>): void {
  const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
  if (field === 'event') event.name = value
  if (field === 'id') event.id = value
  if (field === 'data') event.data.push(value)
}
