/** The list: one row an item, as narrow as can be read. */
import { Badge } from '@mantine/core'
import { memo } from 'react'
import { Link } from 'wouter'
import { Ago } from '../parts/time.tsx'
import { type Item, kindOf, nameOf, since } from './order.ts'

type Listed = { items: readonly Item[]; open: Item | undefined; onEnter(): void }

export function InboxList({ items, open, onEnter }: Listed) {
  return (
    <ul className="inbox-list" aria-label="Waiting for you">
      {items.map((item) => (
        <Row key={item.key} item={item} isOpen={item === open} onEnter={onEnter} />
      ))}
    </ul>
  )
}

const Row = memo(function Row({ item, isOpen, onEnter }: { item: Item; isOpen: boolean; onEnter(): void }) {
  const name = nameOf(item)
  return (
    <li>
      <Link
        href={`/inbox/${name}`}
        className="inbox-row"
        data-item={name}
        onClick={onEnter}
        {...(isOpen ? { 'aria-current': true } : {})}
      >
        <span className="inbox-title">{item.kind === 'story' ? item.card.title : item.message.subject}</span>
        <span className="inbox-since">
          <Ago at={since(item)} />
        </span>
        <Badge size="sm" className="inbox-kind" color={isStopped(item) ? 'red.8' : 'attention'} variant="filled">
          {kindOf(item)}
        </Badge>
        <span className="inbox-why">{item.kind === 'story' ? item.card.waitingFor : item.message.reason}</span>
      </Link>
    </li>
  )
})

const isStopped = (item: Item): boolean => item.kind === 'parked' || item.want.kind === 'failed'
