/** What an agent said and did in a run, in order; what it only looked at is folded. */
import { Anchor } from '@mantine/core'
import type { RunView } from '@sluice/proto/rest.ts'
import { useMemo } from 'react'
import { artifactUrl } from '../api.ts'
import { At } from '../parts/time.tsx'
import { count, duration } from '../parts/words.ts'
import { type Call, type Part, partsOf } from './turns.ts'

export function RunParts({ notes }: { notes: RunView['notes'] }) {
  const parts = useMemo(() => partsOf(notes), [notes])
  return (
    <ol className="run-parts">
      {parts.map((part, i) => (
        // Parts are only ever added at the end.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <PartView key={i} part={part} />
      ))}
    </ol>
  )
}

function PartView({ part }: { part: Part }) {
  if (part.kind === 'looked') {
    const [first] = part.calls
    return (
      <li>
        <At at={first?.at ?? ''} />
        <details>
          <summary>Looked at {count(part.calls.length, 'thing')}</summary>
          <ul>
            {part.calls.map((call) => (
              <li key={`${call.at} ${call.text}`}>
                <CallLine call={call} />
              </li>
            ))}
          </ul>
        </details>
      </li>
    )
  }
  if (part.kind === 'did')
    return (
      <li>
        <At at={part.call.at} />
        <CallLine call={part.call} />
      </li>
    )
  return (
    <li>
      <At at={part.at} />
      {part.kind === 'said' ? (
        <span className="said">{part.text}</span>
      ) : (
        <span data-what={part.what}>
          {/* What it is, unless its words say so themselves. */}
          {part.what !== 'started' && part.what !== 'note' && `${part.what}: `}
          {part.text}
          {part.log && (
            <>
              {' '}
              <Anchor size="sm" href={artifactUrl(part.log.sha256, 'text/plain')} target="_blank" rel="noreferrer">
                log
              </Anchor>
            </>
          )}
        </span>
      )}
    </li>
  )
}

function CallLine({ call: { tool, text, ok, seconds } }: { call: Call }) {
  return (
    <span className="call" data-ok={ok ?? undefined}>
      <i>{tool}</i> {text} <i>{seconds === null ? 'runs …' : seconds >= 1 ? duration(seconds * 1000) : ''}</i>
    </span>
  )
}
