/** One entry of a reference, folded shut until it is wanted: by a click, or because the address names it. */
import { type ReactNode, useEffect, useRef, useState } from 'react'

export type EntryProps = {
  id: string
  badge: string
  kind: string
  title: string
  summary: string
  children: () => ReactNode
}

export function Entry({ id, badge, kind, title, summary, children }: EntryProps) {
  const isNamed = decodeURIComponent(location.hash) === `#${id}`
  const [open, setOpen] = useState(isNamed)
  const at = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    if (isNamed) at.current?.scrollIntoView({ block: 'start' })
  }, [isNamed])

  return (
    <details
      {...{ id, ref: at, open, className: 'entry' }}
      onToggle={(event) => {
        setOpen(event.currentTarget.open)
        if (event.currentTarget.open) history.replaceState(history.state, '', `#${encodeURIComponent(id)}`)
      }}
    >
      <summary>
        <span className="entry-badge" data-kind={kind}>
          {badge}
        </span>
        <code className="entry-title">{title}</code>
        <span className="entry-summary">{summary}</span>
      </summary>
      {open && <div className="entry-body">{children()}</div>}
    </details>
  )
}

/** A block that can be taken over into a terminal or an editor. */
export function Example({ value, title = 'Example' }: { value: unknown; title?: string }) {
  return (
    <div>
      <h3>{title}</h3>
      {/** biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <pre className="docs-example" tabIndex={0}>
        {typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
      </pre>
    </div>
  )
}
