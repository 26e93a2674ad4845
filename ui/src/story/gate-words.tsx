/** What a gate says beside its buttons: what stands in the way, what was not taken, what was sent. */
import { Alert, Code, Kbd, Text } from '@mantine/core'
import type { Finding } from '@sluice/proto/parts.ts'
import { Refused } from '../api.ts'
import { Trouble } from '../parts/problem.tsx'
import { shortId } from '../parts/words.ts'

export function Blocking({ findings }: { findings: readonly Finding[] }) {
  return (
    <ul className="blocking">
      {findings.map((f) => (
        <li key={f.id}>
          <b>{f.seat}</b>: {f.claim}
          {f.path && (
            <Text span size="sm" c="dimmed" ff="monospace">
              {' '}
              {f.path}
              {f.startLine ? `:${f.startLine}` : ''}
            </Text>
          )}
        </li>
      ))}
    </ul>
  )
}

/** A decision about what is no longer on the table says what is. */
export function NotTaken({ error, children }: { error: unknown; children?: React.ReactNode }) {
  if (!(error instanceof Refused) || error.status !== 409)
    return (
      <>
        <Trouble error={error} />
        {children}
      </>
    )
  const { current, error: sentence, mend } = error.problem
  return (
    <Alert color="attention" variant="light" role="alert" title="It changed meanwhile: nothing was decided.">
      <Text size="sm">
        {sentence} {mend}
      </Text>
      <Text size="sm" mt={4}>
        {current ? (
          <>
            On the table now: {current.gate}, <Code title={current.digest}>{shortId(current.digest)}</Code>.
          </>
        ) : (
          'Nothing is on the table now.'
        )}{' '}
        What you typed is kept.
      </Text>
      {children}
    </Alert>
  )
}

export function Sent({ text }: { text: string }) {
  return (
    <div className="panel" role="status">
      <Text size="sm">
        <b>{text}</b> It goes on as soon as the line has taken it up.
      </Text>
    </div>
  )
}

/** Beside a button: the key that does the same. */
export const KeyHint = ({ of }: { of: string }) => (
  <Kbd size="xs" ml={8} aria-hidden="true">
    {of}
  </Kbd>
)
