/** Which span is looked at: kept in the address, so that it can be linked to, from an event too. */
import type { Span } from '@sluice/proto/rest.ts'
import { useEffect, useRef, useState } from 'react'
import type { Kind } from './waterfall.ts'

type Select = (id: string | null) => void

/** `show` is asked to let a kind be seen that the address leads to. */
export function useSelected(spans: readonly Span[], show: (kind: Kind) => void): [string | null, Select] {
  const [hash, setHash] = useState(() => location.hash)
  useEffect(() => {
    const moved = () => setHash(location.hash)
    window.addEventListener('hashchange', moved)
    return () => window.removeEventListener('hashchange', moved)
  }, [])
  const found = spanOf(hash, spans)
  const wanted = useRef(show)
  wanted.current = show
  const kind = found?.kind
  useEffect(() => {
    if (kind) wanted.current(kind)
  }, [kind])
  return [
    found?.id ?? null,
    (id) => {
      const next = id === null ? '' : `#span-${id}`
      history.replaceState(history.state, '', location.pathname + next)
      setHash(next)
    },
  ]
}

function spanOf(hash: string, spans: readonly Span[]): Span | undefined {
  const [, what, id] = /^#(span|event)-(.+)$/.exec(hash) ?? []
  if (what === 'span') return spans.find((span) => span.id === id)
  return what === 'event' ? spans.find((span) => span.kind === 'event' && span.event === id) : undefined
}
