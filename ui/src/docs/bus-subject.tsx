/** One subject of the bus: its address, who is there, what is said. */
import { Prose } from '../parts/prose.tsx'
import { type AsyncApi, type Channel, nameIn } from './contract.ts'
import { Example } from './entry.tsx'
import { SchemaView } from './schema-view.tsx'

export function BusSubject({ name, channel, api }: { name: string; channel: Channel; api: AsyncApi }) {
  const here = Object.entries(api.operations).filter(([, { channel: at }]) => nameIn(at.$ref) === name)
  const who = (action: 'send' | 'receive') =>
    here.flatMap(([id, operation]) => (operation.action === action ? [id.split('.')[0] ?? ''] : [])).join(', ')
  const readers = (channel['x-heard-by'] as string[] | undefined)?.join(', ')
  const reply = api.channels[`${name}.reply`]
  return (
    <>
      <dl className="docs-facts">
        <dt>Subject</dt>
        <dd>
          <code>{channel.address}</code>
        </dd>
        <dt>Said by</dt>
        <dd>{who('send')}</dd>
        {who('receive') && <dt>{channel['x-kept'] === 'STORY' ? 'Taken by' : 'Heard by'}</dt>}
        {who('receive') && <dd>{who('receive')}</dd>}
        {readers && <dt>Read by</dt>}
        {readers && <dd>{readers}</dd>}
        {channel['x-kept'] && <dt>Kept in</dt>}
        {channel['x-kept'] && <dd>{channel['x-kept']}</dd>}
      </dl>
      <ul className="fields">
        {Object.entries(channel.parameters).map(([parameter, { description, enum: values }]) => (
          <li key={parameter}>
            <code>{parameter}</code> <Prose text={description} />
            {values && <span className="quiet"> {values.join(', ')}</span>}
          </li>
        ))}
      </ul>
      <Messages channel={channel} api={api} />
      {reply && (
        <>
          <h3>Answered with</h3>
          <Messages channel={reply} api={api} />
        </>
      )}
    </>
  )
}

function Messages({ channel, api }: { channel: Channel; api: AsyncApi }) {
  const { messages, schemas } = api.components
  return Object.entries(channel.messages).map(([name, { $ref }]) => {
    const message = messages[nameIn($ref)]
    if (!message) return null
    return (
      <div key={name}>
        <SchemaView schema={message.payload} schemas={schemas} />
        {message.headers && (
          <>
            <h3>Headers</h3>
            <SchemaView schema={message.headers} schemas={schemas} />
          </>
        )}
        {message.examples.map(({ payload }) => (
          <Example key={name} value={payload === '' ? '(nothing)' : payload} />
        ))}
      </div>
    )
  })
}
