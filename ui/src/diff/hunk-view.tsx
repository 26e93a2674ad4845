/** One hunk, in one column or two, coloured once its grammar is there, with the findings under their lines. */
import type { Hunk, PatchLine } from '@sluice/proto/patch.ts'
import { Fragment, memo, useMemo } from 'react'
import type { Colours } from './highlight.ts'
import { piecesOf } from './highlight.ts'
import type { Shape } from './options.ts'
import { inOneColumn, type Row, rowsOf } from './rows.ts'
import type { Range } from './words.ts'

export type HunkShown = {
  hunk: Hunk
  shape: Shape
  ignoreSpace: boolean
  colours: Colours | null
  /** What stands under a line of the new side. */
  under: (line: number) => React.ReactNode
}

export const HunkView = memo(function HunkView({ hunk, shape, ignoreSpace, colours, under }: HunkShown) {
  const rows = useMemo(() => {
    const all = rowsOf(hunk, { ignoreSpace })
    return shape === 'one column' ? inOneColumn(all) : all
  }, [hunk, shape, ignoreSpace])
  const Side = shape === 'one column' ? OneColumn : TwoColumns
  return (
    <div className="hunk" data-shape={shape}>
      <div className="hunk-head">
        @@ −{hunk.oldStart},{hunk.oldLines} +{hunk.newStart},{hunk.newLines} @@ {hunk.section}
      </div>
      {rows.map((row) => (
        <Fragment key={`${row.old?.old ?? ''}:${row.new?.new ?? ''}`}>
          <Side row={row} colours={colours} />
          {row.new?.new !== undefined && under(row.new.new)}
        </Fragment>
      ))}
    </div>
  )
})

type Sided = { row: Row; colours: Colours | null }

function OneColumn({ row, colours }: Sided) {
  const line = row.new ?? row.old
  if (!line) return null
  const kind = row.same ? 'same' : row.new ? 'added' : 'removed'
  return (
    <div className="line" data-kind={kind}>
      <span className="no">{row.old?.old}</span>
      <span className="no">{row.new?.new}</span>
      <Sign of={kind} />
      <Code line={line} changed={row.new ? row.words?.new : row.words?.old} colours={colours} />
    </div>
  )
}

function TwoColumns({ row, colours }: Sided) {
  return (
    <div className="line">
      <Half
        line={row.old}
        no={row.old?.old}
        kind={row.same ? 'same' : 'removed'}
        words={row.words?.old}
        colours={colours}
      />
      <Half
        line={row.new}
        no={row.new?.new}
        kind={row.same ? 'same' : 'added'}
        words={row.words?.new}
        colours={colours}
      />
    </div>
  )
}

type Kind = 'same' | 'added' | 'removed'
type Halved = {
  line: PatchLine | null
  no: number | undefined
  kind: Kind
  words: readonly Range[] | undefined
  colours: Colours | null
}

function Half({ line, no, kind, words, colours }: Halved) {
  if (!line) return <div className="half" data-kind="none" />
  return (
    <div className="half" data-kind={kind}>
      <span className="no">{no}</span>
      <Sign of={kind} />
      <Code line={line} changed={words} colours={colours} />
    </div>
  )
}

const signs: Record<Kind, string> = { same: '', added: '+', removed: '−' }

const Sign = ({ of }: { of: Kind }) => <span className="sign">{signs[of]}</span>

const none: Range[] = []

type Coded = { line: PatchLine; changed: readonly Range[] | undefined; colours: Colours | null }

function Code({ line, changed = none, colours }: Coded) {
  if (line.text === '') return <code> </code>
  return (
    <code>
      {piecesOf(line.text, colours?.get(line) ?? [], changed).map(({ at, text, kind, changed: isChanged }) => (
        <span
          key={at}
          {...(kind ? { className: `c-${kind.replace(/[^a-z]/g, '-')}` } : {})}
          data-changed={isChanged || undefined}
        >
          {text}
        </span>
      ))}
    </code>
  )
}
