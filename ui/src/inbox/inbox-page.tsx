/** The inbox: everything that waits for the person, decided where it stands. */
import { Anchor, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useEffect, useRef } from 'react'
import { Link, useLocation } from 'wouter'
import { useKeys } from '../keys/use-keys.ts'
import { SayContext } from '../parts/say.ts'
import { count } from '../parts/words.ts'
import { Detail } from './detail.tsx'
import { Empty } from './empty.tsx'
import './inbox.css'
import { InboxList } from './inbox-list.tsx'
import { afterLeaving, type Item, nameOf, orderText } from './order.ts'
import { Refused } from './refused.tsx'
import { UndoLine } from './undo-line.tsx'
import { undo, useInbox, useSayHeld } from './use-inbox.ts'

export default function InboxPage({ name }: { name: string | undefined }) {
  const inbox = useInbox()
  const { items } = inbox
  if (!items) return <Skeleton height={240} aria-label="Loading the inbox" />
  return <Shown {...inbox} items={items} name={name} />
}

type Shown = ReturnType<typeof useInbox> & { items: Item[]; name: string | undefined }

function Shown({ items, outbox, parkedAgain, name }: Shown) {
  const isWide = useMediaQuery('(min-width: 62em)', true, { getInitialValueInEffect: false })
  const [, goTo] = useLocation()
  const open = items.find((item) => nameOf(item) === name) ?? (isWide && !name ? items[0] : undefined)
  const say = useSayHeld(open?.key ?? '')
  const detail = useRef<HTMLElement>(null)
  const look = (to: string | undefined) => goTo(to ? `/inbox/${to}` : '/inbox', { replace: isWide })
  useNextWhenLeft(items, name ?? (open && nameOf(open)), look)

  const step = (by: number) => {
    const at = open ? items.indexOf(open) : -1
    const next = items[at === -1 ? 0 : Math.min(items.length - 1, Math.max(0, at + by))]
    if (!next) return
    look(nameOf(next))
    if (isWide) rowOf(nameOf(next))?.focus()
  }
  const down = () => step(1)
  const up = () => step(-1)
  const enter = () => detail.current?.focus()
  const back = () => {
    const now = open && nameOf(open)
    if (!isWide) look(undefined)
    if (now) rowOf(now)?.focus()
  }
  const takeBack = () => {
    const letter = undo()
    if (letter) look(letter.id)
  }
  useKeys({
    ...{ j: down, k: up, ArrowDown: down, ArrowUp: up },
    ...{ Enter: enter, Escape: back, u: takeBack },
    o: () => open?.kind === 'story' && goTo(`/stories/${open.card.id}`),
  })

  return (
    <Stack gap="sm" className="inbox" data-open={name !== undefined || undefined}>
      <div className="inbox-head">
        <Title order={1} size="h3">
          Inbox{items.length > 0 && ` · ${items.length}`}
        </Title>
        <Text size="sm" c="dimmed">
          {items.length > 0 ? orderText : 'Nothing waits for you.'}
        </Text>
      </div>
      {[...outbox.refusals.values()].map((refusal) => (
        <Refused key={refusal.letter.key} refusal={refusal} />
      ))}
      {items.length === 0 && <Empty />}
      {items.length > 0 && (
        <div className="inbox-panes">
          <InboxList items={items} open={open} onEnter={() => requestAnimationFrame(enter)} />
          {open ? (
            <section ref={detail} className="inbox-detail" aria-label="What waits" tabIndex={-1} key={open.key}>
              <Anchor component={Link} href="/inbox" size="sm" className="inbox-back">
                ← Inbox, {count(items.length, 'item')}
              </Anchor>
              <SayContext value={say}>
                <Detail item={open} onSent={parkedAgain} />
              </SayContext>
            </section>
          ) : (
            name && <Text className="inbox-detail">This does not wait for you any more.</Text>
          )}
        </div>
      )}
      <UndoLine held={outbox.held} onUndo={takeBack} />
    </Stack>
  )
}

const rowOf = (name: string): HTMLElement | null => document.querySelector(`[data-item="${CSS.escape(name)}"]`)

/** What was looked at has left: the next one is shown, and has the focus. */
function useNextWhenLeft(
  items: readonly Item[],
  open: string | undefined,
  look: (to: string | undefined) => void,
): void {
  const before = useRef<string[]>([])
  useEffect(() => {
    const names = items.map(nameOf)
    const left = open !== undefined && before.current.includes(open) && !names.includes(open)
    if (left) {
      const next = afterLeaving(before.current, open, names)
      look(next)
      requestAnimationFrame(() => (next ? rowOf(next) : document.getElementById('content'))?.focus())
    }
    before.current = names
  }, [items, open, look])
}
