/** One file of a patch, line by line. */
import { Text } from '@mantine/core'
import type { Finding } from '@sluice/proto/parts.ts'
import type { Hunk, PatchFile, PatchLine } from '@sluice/proto/patch.ts'
import type { Story } from '@sluice/proto/story.ts'
import { Fragment, memo } from 'react'
import { type Beside, key, size } from './beside.ts'
import { FindingView } from './finding-view.tsx'
import { isDocument } from './own-documents.ts'

/** A longer file is folded until somebody wants it, and so are the story's own documents, which have tabs of their own. */
const LONG_LINES = 600

type Shown = { file: PatchFile; placed: Beside; story: Story }

export const FileDiff = memo(function FileDiff({ file, placed, story }: Shown) {
  const { additions, deletions } = size(file)
  return (
    <details
      id={`file-${file.path}`}
      className="file"
      open={additions + deletions <= LONG_LINES && !isDocument(file.path, story.id)}
    >
      <summary>
        <span className="mono">
          {file.oldPath && `${file.oldPath} → `}
          {file.path}
        </span>{' '}
        <Size file={file} />
      </summary>
      <Findings of={placed.files.get(file.path)} story={story} />
      {file.hunks.length === 0 && (
        <Text size="sm" c="dimmed" p="xs">
          {file.binary.length > 0
            ? 'Not text: nothing to show line by line.'
            : 'No line changed: renamed, or another mode.'}
        </Text>
      )}
      <div className="hunks">
        {file.hunks.map((hunk) => (
          <HunkView key={`${hunk.oldStart} ${hunk.newStart}`} hunk={hunk} file={file} placed={placed} story={story} />
        ))}
      </div>
    </details>
  )
})

function HunkView({ hunk, file, placed, story }: Shown & { hunk: Hunk }) {
  return (
    <div className="hunk">
      <div className="hunk-head">
        @@ −{hunk.oldStart},{hunk.oldLines} +{hunk.newStart},{hunk.newLines} @@ {hunk.section}
      </div>
      {hunk.lines.map((line, i) => (
        // A hunk never changes: its lines are told apart by their place.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Fragment key={i}>
          <LineView line={line} />
          {line.new !== undefined && <Findings of={placed.lines.get(key(file.path, line.new))} story={story} />}
        </Fragment>
      ))}
    </div>
  )
}

const kinds = { ' ': 'same', '+': 'added', '-': 'removed', '\\': 'note' } as const

function LineView({ line }: { line: PatchLine }) {
  return (
    <div className="line" data-kind={kinds[line.kind]}>
      <span className="no">{line.old}</span>
      <span className="no">{line.new}</span>
      <span className="sign">{line.kind === ' ' || line.kind === '\\' ? '' : line.kind}</span>
      <code>{line.text || ' '}</code>
    </div>
  )
}

function Findings({ of, story }: { of: readonly Finding[] | undefined; story: Story }) {
  if (!of) return null
  return (
    <div className="beside">
      {of.map((finding) => (
        <FindingView key={finding.id} finding={finding} story={story} />
      ))}
    </div>
  )
}

export function Size({ file }: { file: PatchFile }) {
  const { additions, deletions } = size(file)
  return (
    <span className="numbers sizes">
      <span className="added">+{additions}</span> <span className="removed">−{deletions}</span>
    </span>
  )
}
