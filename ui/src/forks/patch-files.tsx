/** A patch that is nobody's round: its files, folded where they are long. */
import { Stack, Text } from '@mantine/core'
import { parsePatch } from '@sluice/proto/patch.ts'
import { useCallback, useMemo, useState } from 'react'
import '../diff/diff.css'
import { FileView } from '../diff/file-view.tsx'
import { useDiffOptions } from '../diff/options.ts'
import { size } from '../story/beside.ts'

const LONG_LINES = 300

export function PatchFiles({ patch, empty }: { patch: string; empty: string }) {
  const { shape, ignoreSpace } = useDiffOptions()
  const files = useMemo(() => parsePatch(patch), [patch])
  const [folds, setFolds] = useState<ReadonlyMap<string, boolean>>(new Map())
  const fold = useCallback((path: string, open: boolean) => {
    setFolds((before) => (before.get(path) === open ? before : new Map([...before, [path, open]])))
  }, [])
  if (files.length === 0) return <Text c="dimmed">{empty}</Text>
  return (
    <Stack gap="sm">
      {files.map((file) => {
        const { additions, deletions } = size(file)
        const isOpen = folds.get(file.path) ?? additions + deletions <= LONG_LINES
        return <FileView key={file.path} {...{ file, shape, ignoreSpace, isOpen }} onToggle={fold} />
      })}
    </Stack>
  )
}
