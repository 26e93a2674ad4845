/** How the patch is shown, and the way from finding to finding. */
import { Button, Group, SegmentedControl, Switch } from '@mantine/core'
import { count } from '../parts/words.ts'
import type { Jump } from './jump.ts'
import type { DiffOptions } from './options.ts'

type Bar = { options: DiffOptions; onFoldAll(open: boolean): void; findings: number; jump: Jump }

export function DiffBar({ options, onFoldAll, findings, jump }: Bar) {
  const { shape, isNarrow, ignoreSpace, turnShape, turnSpace } = options
  return (
    <Group gap="sm" className="diff-bar" role="group" aria-label="How the changes are shown">
      {!isNarrow && (
        <SegmentedControl
          size="xs"
          aria-label="Columns"
          data={[
            { value: 'side by side', label: 'Side by side' },
            { value: 'one column', label: 'Unified' },
          ]}
          value={shape}
          onChange={(next) => next !== shape && turnShape()}
        />
      )}
      <Switch size="sm" label="Ignore white space" checked={ignoreSpace} onChange={turnSpace} />
      <Button size="compact-sm" variant="default" onClick={() => onFoldAll(false)}>
        Fold all
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => onFoldAll(true)}>
        Unfold all
      </Button>
      {findings > 0 && (
        <Group gap={4}>
          <Button size="compact-sm" variant="default" onClick={() => jump.finding(-1)} aria-label="Previous finding">
            ↑
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => jump.finding(1)} aria-label="Next finding">
            ↓
          </Button>
          <span className="quiet">{count(findings, 'finding')}</span>
        </Group>
      )}
    </Group>
  )
}
