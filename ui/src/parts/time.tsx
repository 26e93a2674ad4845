/** Moments on the page: when, and how long ago, kept current by one clock for all. */
import { useSyncExternalStore } from 'react'
import { ago } from './words.ts'

const TICK_MS = 15_000
const watchers = new Set<() => void>()
let now = Date.now()
let clock: ReturnType<typeof setInterval> | undefined

function watch(changed: () => void): () => void {
  watchers.add(changed)
  clock ??= setInterval(() => {
    now = Date.now()
    for (const watcher of watchers) watcher()
  }, TICK_MS)
  return () => {
    watchers.delete(changed)
    if (watchers.size > 0) return
    clearInterval(clock)
    clock = undefined
  }
}

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

export const clockTime = (at: string | number): string => time.format(new Date(at))

export function Ago({ at }: { at: string }) {
  useSyncExternalStore(watch, () => now)
  return (
    <time dateTime={at} title={exact.format(new Date(at))}>
      {ago(at, Date.now())}
    </time>
  )
}

export function At({ at }: { at: string }) {
  return (
    <time dateTime={at} title={exact.format(new Date(at))} className="numbers">
      {clockTime(at)}
    </time>
  )
}
