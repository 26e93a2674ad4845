/** Notices of the desktop: when something new waits for the person and they look elsewhere. */
import type { Card } from '@sluice/proto/rest.ts'
import { useEffect, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { useCards } from './live/hooks.ts'
import { preference, usePreference } from './parts/preference.ts'

export const notices = preference('notices', ['off', 'on'])

export type Permission = NotificationPermission | 'unsupported'

const current = (): Permission => ('Notification' in window ? Notification.permission : 'unsupported')

/** Asked on a click, never by itself. */
export function useNoticePermission(): { permission: Permission; ask: () => Promise<Permission> } {
  const [permission, setPermission] = useState(current)
  const ask = async () => {
    if (current() === 'default') await Notification.requestPermission()
    setPermission(current())
    return current()
  }
  return { permission, ask }
}

/** What a story wants now; another want is another notice. */
export const wantOf = ({ id, needsPerson, wants, waitingFor }: Card): string | null =>
  needsPerson ? `${id} ${wants ? `${wants.kind} ${wants.since}` : waitingFor}` : null

/** Those that want something they did not want before. */
export function newlyWanting(cards: Iterable<Card>, told: ReadonlySet<string>): Card[] {
  return [...cards].filter((card) => {
    const want = wantOf(card)
    return want !== null && !told.has(want)
  })
}

export function useNotices(): void {
  const cards = useCards()
  const [wanted] = usePreference(notices)
  const [, goTo] = useLocation()
  const told = useRef<Set<string> | null>(null)
  useEffect(() => {
    if (!cards) return
    const fresh = newlyWanting(cards.values(), told.current ?? new Set())
    // What waits when the page is opened is on the page: only what comes after is news.
    const isFirst = told.current === null
    told.current = new Set([...cards.values()].flatMap((card) => wantOf(card) ?? []))
    if (isFirst || wanted === 'off' || current() !== 'granted' || document.hasFocus()) return
    for (const card of fresh) show(card, () => goTo(`/inbox/${card.id}`))
  }, [cards, wanted, goTo])
}

function show({ id, title, waitingFor }: Card, onOpen: () => void): void {
  const notice = new Notification(title, { body: waitingFor ?? '', tag: `sluice-${id}` })
  notice.onclick = () => {
    window.focus()
    onOpen()
    notice.close()
  }
}
