/** Narrows the board: words that stand in a card, and what it waits for. `/` leads here. */
import { CloseButton, Group, SegmentedControl, TextInput } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { Filter } from './columns.ts'

const choices = [
  { value: 'all', label: 'All' },
  { value: 'person', label: 'Needs me' },
  { value: 'working', label: 'At work' },
] as const satisfies { value: Filter['which']; label: string }[]

export function FilterBar({ filter, onChange }: { filter: Filter; onChange(filter: Filter): void }) {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const toField = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [contenteditable]')
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      field.current?.focus()
    }
    document.addEventListener('keydown', toField)
    return () => document.removeEventListener('keydown', toField)
  }, [])
  return (
    <Group gap="xs" role="search" aria-label="Stories">
      <TextInput
        ref={field}
        size="xs"
        w={220}
        type="search"
        aria-label="Search stories"
        aria-keyshortcuts="/"
        placeholder="Search ( / )"
        value={filter.words}
        onChange={(event) => onChange({ ...filter, words: event.currentTarget.value })}
        rightSection={
          filter.words && (
            <CloseButton size="xs" aria-label="Clear the search" onClick={() => onChange({ ...filter, words: '' })} />
          )
        }
      />
      <SegmentedControl
        size="xs"
        aria-label="Which stories"
        value={filter.which}
        onChange={(which) => onChange({ ...filter, which: which as Filter['which'] })}
        data={[...choices]}
      />
    </Group>
  )
}
