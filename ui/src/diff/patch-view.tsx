/** A patch as a reviewer reads it: files by risk, findings beside their lines, by keys from one to the next. */
import { Skeleton, Stack, Text } from '@mantine/core'
import { type PatchFile, parsePatch } from '@sluice/proto/patch.ts'
import type { Story } from '@sluice/proto/story.ts'
import { useCallback, useMemo, useState } from 'react'
import { getText } from '../api.ts'
import { useKeys } from '../keys/use-keys.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import { beside, size } from '../story/beside.ts'
import { FindingView } from '../story/finding-view.tsx'
import { isDocument } from '../story/own-documents.ts'
import { bySeverity, type Round, standingOf } from '../story/rounds.ts'
import './diff.css'
import { DiffBar } from './diff-bar.tsx'
import { FileView } from './file-view.tsx'
import { useJump } from './jump.ts'
import { useDiffOptions } from './options.ts'
import { Outline } from './outline.tsx'
import { byRisk } from './risk.ts'

/** A longer file is folded until somebody wants it, and so are the story's own documents, which have tabs of their own. */
const LONG_LINES = 600

export function PatchView({ round, story }: { round: Round; story: Story }) {
  const { sha256 } = round.build.diff
  const { data, error } = useRemote(sha256, () => getText(sha256))
  const files = useMemo(() => (data === null ? null : parsePatch(data)), [data])
  if (error) return <Trouble error={error} />
  if (!files) return <Skeleton height={240} />
  if (files.length === 0) return <Text c="dimmed">The patch is empty.</Text>
  return <Patch files={files} round={round} story={story} />
}

type Shown = { files: readonly PatchFile[]; round: Round; story: Story }

function Patch({ files, round, story }: Shown) {
  const options = useDiffOptions()
  const findings = useMemo(() => round.verdicts.flatMap((verdict) => verdict.findings).sort(bySeverity), [round])
  const placed = useMemo(() => beside(files, findings), [files, findings])
  const ranked = useMemo(() => {
    const open = findings.filter((finding) => standingOf(story, finding).is === 'open')
    return byRisk({ files, findings: open, storyId: story.id })
  }, [files, findings, story])
  const [folds, setFolds] = useState<ReadonlyMap<string, boolean>>(new Map())
  const isOpen = (file: PatchFile) => folds.get(file.path) ?? opensAtFirst(file, story.id)
  const fold = useCallback((path: string, open: boolean) => {
    setFolds((before) => (before.get(path) === open ? before : new Map([...before, [path, open]])))
  }, [])
  const foldAll = (open: boolean) => setFolds(new Map(files.map(({ path }) => [path, open])))

  const order = { findings: findings.map(({ id }) => id), files: ranked.map(({ file }) => file.path) }
  const jump = useJump(order, (id) => {
    const path = findings.find((finding) => finding.id === id)?.path
    if (path) fold(path, true)
  })
  useKeys({
    ...{ n: () => jump.finding(1), p: () => jump.finding(-1), ']': () => jump.file(1), '[': () => jump.file(-1) },
    ...{ v: options.turnShape, w: options.turnSpace },
    x: () => {
      const at = files.find(({ path }) => path === jump.here())
      if (at) fold(at.path, !isOpen(at))
    },
  })

  return (
    <Stack gap="sm">
      <DiffBar options={options} onFoldAll={foldAll} findings={findings.length} jump={jump} />
      <Outline ranked={ranked} findings={findings} story={story} jump={jump} />
      {placed.elsewhere.length > 0 && (
        <Stack gap="xs" component="section" aria-label="Findings about no line of the patch">
          {placed.elsewhere.map((finding) => (
            <FindingView key={finding.id} finding={finding} story={story} anchored />
          ))}
        </Stack>
      )}
      {ranked.map(({ file, risk }) => (
        <FileView
          key={file.path}
          {...{ file, risk, placed, story, isOpen: isOpen(file), onToggle: fold }}
          {...{ shape: options.shape, ignoreSpace: options.ignoreSpace }}
        />
      ))}
    </Stack>
  )
}

function opensAtFirst(file: PatchFile, storyId: string): boolean {
  const { additions, deletions } = size(file)
  return additions + deletions <= LONG_LINES && !isDocument(file.path, storyId)
}
