/** One call of REST: who may ask, what is sent, what is answered. */
import { typeOf } from '@sluice/proto/schema-table.ts'
import { Prose } from '../parts/prose.tsx'
import type { Content, Operation, Schemas } from './contract.ts'
import { Example } from './entry.tsx'
import { SchemaView } from './schema-view.tsx'

export function RestOperation({ operation, schemas }: { operation: Operation; schemas: Schemas }) {
  const { description, security, parameters, requestBody, responses } = operation
  const askers = security.flatMap((one) => Object.keys(one))
  return (
    <>
      {description && (
        <p>
          <Prose text={description} />
        </p>
      )}
      <p className="quiet">{askers.length > 0 ? `With the token of: ${askers.join(', ')}` : 'Without a token'}</p>
      {parameters.length > 0 && (
        <>
          <h3>Parameters</h3>
          <ul className="fields">
            {parameters.map(({ name, in: where, required, schema, description: says }) => (
              <li key={`${where} ${name}`}>
                <code>{name}</code>{' '}
                <span className="docs-type">
                  {where}, {typeOf(schema, (one) => one).replaceAll('`', '')}
                </span>{' '}
                {!required && <span className="quiet">optional</span>}
                <div>
                  <Prose text={says} />
                </div>
              </li>
            ))}
          </ul>
        </>
      )}
      {requestBody && <Contents title="Body" content={requestBody.content} schemas={schemas} />}
      {Object.entries(responses).map(([status, { description: says, content }]) => (
        <div key={status}>
          <h3>
            {status === 'default' ? 'otherwise' : status} <Prose text={says} />
          </h3>
          {Number(status) < 400 && <Contents content={content} schemas={schemas} />}
        </div>
      ))}
    </>
  )
}

/** Refusals are all the same shape, and are not shown again with each. */
function Contents({ title, content, schemas }: { title?: string; content: Content; schemas: Schemas }) {
  return Object.entries(content).map(([media, { schema, example, 'x-event-data': data }]) => (
    <div key={media}>
      <h3>
        {title} <span className="docs-type">{media}</span>
      </h3>
      {(data || Object.keys(schema).length > 0) && <SchemaView schema={data ?? schema} schemas={schemas} />}
      {example !== undefined && <Example value={example} />}
    </div>
  ))
}
