/** One file of a patch: folded or not, why it is where it is, its hunks and the findings about no line of it. */
import { Badge, Text } from '@mantine/core'
import type { Finding } from '@sluice/proto/parts.ts'
import type { PatchFile } from '@sluice/proto/patch.ts'
import type { Story } from '@sluice/proto/story.ts'
import { memo, useCallback, useEffect, useState } from 'react'
import { type Beside, key, size } from '../story/beside.ts'
import { FindingView } from '../story/finding-view.tsx'
import { coloursOf, loadLanguage } from './highlight.ts'
import { HunkView } from './hunk-view.tsx'
import { type Language, languageOf } from './languages.ts'
import type { Shape } from './options.ts'
import type { Risk } from './risk.ts'

export type FileShown = {
  file: PatchFile
  risk?: Risk
  placed?: Beside
  story?: Story
  shape: Shape
  ignoreSpace: boolean
  isOpen: boolean
  onToggle: (path: string, open: boolean) => void
}

export const FileView = memo(function FileView(shown: FileShown) {
  const { file, risk, placed, story, isOpen, onToggle } = shown
  return (
    <details
      id={`file-${file.path}`}
      className="file"
      open={isOpen}
      onToggle={(event) => onToggle(file.path, event.currentTarget.open)}
    >
      <summary>
        <span className="mono">
          {file.oldPath && `${file.oldPath} → `}
          {file.path}
        </span>{' '}
        <Size file={file} />{' '}
        {risk?.why.map((why) => (
          <Badge key={why} size="sm" variant="light" color="gray" tt="none" className="why">
            {why}
          </Badge>
        ))}
      </summary>
      <Findings of={placed?.files.get(file.path)} story={story} />
      {isOpen && <Hunks {...shown} />}
    </details>
  )
})

function Hunks({ file, placed, story, shape, ignoreSpace }: FileShown) {
  const language = useLanguage(file.path)
  const under = useCallback(
    (line: number) => <Findings of={placed?.lines.get(key(file.path, line))} story={story} />,
    [placed, story, file.path],
  )
  if (file.hunks.length === 0)
    return (
      <Text size="sm" c="dimmed" p="xs">
        {file.binary.length > 0
          ? 'Not text: nothing to show line by line.'
          : 'No line changed: renamed, or another mode.'}
      </Text>
    )
  return (
    <div className="hunks">
      {file.hunks.map((hunk) => (
        <HunkView
          key={`${hunk.oldStart} ${hunk.newStart}`}
          hunk={hunk}
          shape={isOneSided(file) ? 'one column' : shape}
          ignoreSpace={ignoreSpace}
          colours={language && coloursOf(hunk, language)}
          under={under}
        />
      ))}
    </div>
  )
}

/** New or gone altogether: there is nothing to stand beside. */
const isOneSided = ({ hunks }: PatchFile): boolean =>
  hunks.every(({ oldLines }) => oldLines === 0) || hunks.every(({ newLines }) => newLines === 0)

/** Null until its grammar is there, and where it has none: code is shown without colours meanwhile. */
function useLanguage(path: string): Language | null {
  const [loaded, setLoaded] = useState<Language | null>(null)
  const language = languageOf(path)
  useEffect(() => {
    let gone = false
    if (language)
      loadLanguage(language).then(
        () => !gone && setLoaded(language),
        () => undefined,
      )
    return () => {
      gone = true
    }
  }, [language])
  return loaded === language ? language : null
}

function Findings({ of, story }: { of: readonly Finding[] | undefined; story: Story | undefined }) {
  if (!of || !story) return null
  return (
    <div className="beside">
      {of.map((finding) => (
        <FindingView key={finding.id} finding={finding} story={story} anchored />
      ))}
    </div>
  )
}

export function Size({ file }: { file: Pick<PatchFile, 'hunks'> }) {
  const { additions, deletions } = size(file)
  return (
    <span className="numbers sizes">
      <span className="added">+{additions}</span> <span className="removed">−{deletions}</span>
    </span>
  )
}
