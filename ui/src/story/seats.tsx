/** Every seat in one line: whether it signed, who sat there, what it said; its checks and findings on demand. */
import { Badge } from '@mantine/core'
import type { Step, Story, Verdict } from '@sluice/proto/story.ts'
import { Prose } from '../parts/prose.tsx'
import { count, occupantText } from '../parts/words.ts'
import { standingOfSeat } from './seat-standing.ts'
import { VerdictView } from './verdict-view.tsx'

export function Seats({ story }: { story: Story }) {
  return (
    <div className="stack">
      {Object.entries(story.seats).map(([seat, step]) => (
        <SeatLine key={seat} seat={seat} step={step} story={story} />
      ))}
    </div>
  )
}

function SeatLine({ seat, step, story }: { seat: string; step: Step<Verdict>; story: Story }) {
  const [label, color] = standingOfSeat(seat, step, story)
  return (
    <details className="file seat-line">
      <summary>
        <b>{seat}</b> <Badge color={color}>{label}</Badge>{' '}
        <span className="seat-says">
          {step.at === 'done' && <Said verdict={step.result} />}
          {step.at === 'failed' && step.reason}
        </span>
      </summary>
      {step.at === 'done' && (
        <div className="seat-more">
          <VerdictView verdict={step.result} story={story} />
        </div>
      )}
    </details>
  )
}

function Said({ verdict: { findings, summary, checks, occupant } }: { verdict: Verdict }) {
  const green = checks?.filter(({ exitCode }) => exitCode === 0).length
  return (
    <>
      {findings.length > 0 && `${count(findings.length, 'finding')}. `}
      {checks && checks.length > 0 ? `${green} of ${count(checks.length, 'check')} passed. ` : <Prose text={summary} />}{' '}
      <small>{occupantText(occupant)}</small>
    </>
  )
}
