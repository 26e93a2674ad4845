/** Data as a reader folds it open: objects and lists shut until wanted, artifacts as links, all of it to be copied. */
import { Button, CopyButton } from '@mantine/core'
import { artifactUrl } from '../../api.ts'

/** What is longer is cut until it is opened. */
const LONG = 300

export function CopyJson({ value }: { value: unknown }) {
  return (
    <CopyButton value={JSON.stringify(value, null, 2)}>
      {({ copied, copy }) => (
        <Button size="compact-xs" variant="default" onClick={copy}>
          {copied ? 'Copied' : 'Copy the JSON'}
        </Button>
      )}
    </CopyButton>
  )
}

export function Json({ value, name, isOpen = false }: { value: unknown; name?: string; isOpen?: boolean }) {
  const label = name === undefined ? null : <span className="key">{name}: </span>
  if (typeof value !== 'object' || value === null)
    return (
      <div className="json">
        {label}
        <Leaf value={value} />
      </div>
    )
  const parts = Object.entries(value)
  const [from, to] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  return (
    <details className="json" open={isOpen}>
      <summary>
        {label}
        <span className="quiet">
          {from} {parts.length} {to}
        </span>
        <ArtifactLink value={value} />
      </summary>
      {parts.map(([key, part]) => (
        <Json key={key} name={key} value={part} isOpen={isOpen && key === 'data'} />
      ))}
    </details>
  )
}

function Leaf({ value }: { value: unknown }) {
  if (typeof value !== 'string') return <span className="literal">{String(value)}</span>
  if (value.length <= LONG) return <span className="text">{JSON.stringify(value)}</span>
  return (
    <details className="long">
      <summary className="text">{JSON.stringify(value.slice(0, LONG))} …</summary>
      <pre>{value}</pre>
    </details>
  )
}

function ArtifactLink({ value }: { value: object }) {
  const { sha256, mediaType, name } = value as Record<string, unknown>
  if (typeof sha256 !== 'string' || typeof mediaType !== 'string') return null
  const as = mediaType === 'image/png' ? mediaType : 'text/plain'
  return (
    <a href={artifactUrl(sha256, as)} target="_blank" rel="noreferrer">
      {typeof name === 'string' ? name : 'artifact'}
    </a>
  )
}
