/** The way of a story as a Mermaid state diagram, printed from the pipeline. */
import { pipeline, type StageSpec } from './pipeline.ts'

export type Arrow = { from: string; to: string; why: string }

/** Stages the fold knows, and the gates between them. A test sees every step of a recorded story among them. */
export function arrows(): Arrow[] {
  const builds = pipeline.find(({ noun }) => noun === 'build')?.stage ?? ''
  return [
    { from: '[*]', to: pipeline[0]?.stage ?? '', why: 'story.submitted' },
    ...pipeline.flatMap((spec, i) => {
      const next = pipeline[i + 1]?.stage
      return next
        ? onward(spec, { next, builds, approved: i === 0 ? 'gate.approved, policy.frozen' : 'gate.approved' })
        : ends(spec, builds)
    }),
  ]
}

function onward(
  { stage, noun, gate }: StageSpec,
  { next, builds, approved }: { next: string; builds: string; approved: string },
): Arrow[] {
  if (gate === 'person')
    return [
      { from: stage, to: gateOf(stage), why: `${noun}.completed, gate.opened` },
      { from: gateOf(stage), to: stage, why: 'gate.rejected' },
      { from: gateOf(stage), to: next, why: approved },
    ]
  if (gate === 'seats')
    return [
      { from: stage, to: builds, why: `${noun}.completed: findings block, another round` },
      { from: stage, to: gateOf(stage), why: `${noun}.completed by every seat, gate.opened` },
      { from: gateOf(stage), to: builds, why: 'gate.rejected' },
      { from: gateOf(stage), to: next, why: approved },
    ]
  return [{ from: stage, to: next, why: `${noun}.completed` }]
}

const ends = ({ stage, noun }: StageSpec, builds: string): Arrow[] => [
  { from: stage, to: builds, why: `${noun}.completed: a conflict, rebuilt on the new base` },
  { from: stage, to: 'shipped', why: 'merge.completed, story.shipped' },
  { from: 'shipped', to: '[*]', why: '' },
]

export const gateOf = (stage: string): string => `${stage}_gate`

export const storyPicture = (): string => mermaid(arrows())

/** Every piece of work of a story goes this way, `noun` being its own; `Step` in story.ts. */
export const stepPicture = (): string =>
  mermaid([
    { from: '[*]', to: 'owed', why: 'what comes before is done' },
    { from: 'owed', to: 'asked', why: 'noun.requested' },
    { from: 'asked', to: 'done', why: 'noun.completed' },
    { from: 'asked', to: 'paused', why: 'noun.paused' },
    { from: 'asked', to: 'failed', why: 'noun.failed, answer.refused, timer.due' },
    { from: 'paused', to: 'owed', why: 'question.answered, budget.raised, story.retried' },
    { from: 'failed', to: 'owed', why: 'story.retried' },
    { from: 'done', to: 'owed', why: 'gate.rejected, another round' },
  ])

const mermaid = (all: readonly Arrow[]): string =>
  [
    'stateDiagram-v2',
    ...all.map(({ from, to, why }) => `  ${from} --> ${to}${why ? ` : ${why.replaceAll(':', ' –')}` : ''}`),
  ].join('\n')
