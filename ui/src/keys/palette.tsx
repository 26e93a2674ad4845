/** Go anywhere by a few letters: a story, a page, an action. */
import { useMantineColorScheme } from '@mantine/core'
import { useId, useState } from 'react'
import { useLocation } from 'wouter'
import { useCards } from '../live/hooks.ts'
import { askFor } from './ask-for.ts'
import { type Choice, found, storyChoices } from './choices.ts'
import { Dialog } from './dialog.tsx'

export default function Palette({ onClose }: { onClose(): void }) {
  const cards = useCards()
  const [, goTo] = useLocation()
  const { setColorScheme } = useMantineColorScheme()
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const list = useId()

  const page = (label: string, path: string): Choice => ({ label, about: 'page', run: () => goTo(path) })
  const act = (label: string, run: () => void): Choice => ({ label, about: 'action', run })
  const hits = found(
    [
      page('Inbox', '/inbox'),
      page('Board', '/'),
      act('New story', () => goTo('/?new')),
      page('Services and reviewers', '/services'),
      page('Money', '/money'),
      page('Ledger', '/ledger'),
      page('Memory', '/memory'),
      page('Docs', '/docs'),
      page('Settings', '/settings'),
      act('Dark colours', () => setColorScheme('dark')),
      act('Light colours', () => setColorScheme('light')),
      act('Colours as the system has them', () => setColorScheme('auto')),
      act('Show all keys', () => askFor('help')),
      ...storyChoices(cards?.values() ?? [], goTo),
    ],
    typed,
  )
  const current = Math.min(at, hits.length - 1)

  function choose(choice: Choice | undefined): void {
    if (!choice) return
    onClose()
    choice.run()
  }

  function onKeyDown(event: React.KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && hits.length > 0) setAt((current + step + hits.length) % hits.length)
    if (event.key === 'Enter') choose(hits[current])
    if (step || event.key === 'Enter') event.preventDefault()
  }

  return (
    <Dialog label="Go to" onClose={onClose}>
      <input
        className="palette-box"
        role="combobox"
        aria-label="Go to a story, a page, an action"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={hits[current] ? `${list}-${current}` : undefined}
        placeholder="Go to a story, a page, an action"
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      {hits.length === 0 && <p className="palette-none">Nothing is called that.</p>}
      <div role="listbox" id={list} aria-label="Found" className="palette-list">
        {hits.map((choice, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the box above has the focus and the keys.
          <div
            key={`${choice.about} ${choice.label}`}
            id={`${list}-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === current}
            ref={(node) => {
              if (i === current) node?.scrollIntoView({ block: 'nearest' })
            }}
            onClick={() => choose(choice)}
          >
            <span>{choice.label}</span>
            <small>{choice.about}</small>
          </div>
        ))}
      </div>
    </Dialog>
  )
}
