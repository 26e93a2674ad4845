/** A choice kept in this browser, the same in every place that shows it. */
import { useSyncExternalStore } from 'react'

const watchers = new Set<() => void>()
/** What a browser that refuses storage remembers until the page is closed. */
const chosen = new Map<string, string>()

export type Preference<T extends string> = { name: string; choices: readonly T[]; first: T }

/** The diff's two shapes, whitespace, notices, keys: each of a few words, the first unless chosen. */
export const preference = <T extends string>(name: string, choices: readonly [T, ...T[]]): Preference<T> => ({
  ...{ name, choices, first: choices[0] },
})

export function usePreference<T extends string>(of: Preference<T>): [T, (next: T) => void] {
  const value = useSyncExternalStore(watch, () => readPreference(of))
  return [value, (next) => setPreference(of, next)]
}

export function readPreference<T extends string>({ name, choices, first }: Preference<T>): T {
  const kept = chosen.get(name) ?? stored(name)
  return choices.find((choice) => choice === kept) ?? first
}

function setPreference<T extends string>({ name }: Preference<T>, next: T): void {
  chosen.set(name, next)
  try {
    localStorage.setItem(keyOf(name), next)
  } catch {}
  for (const changed of watchers) changed()
}

const keyOf = (name: string): string => `sluice.${name}`

function stored(name: string): string | null {
  try {
    return localStorage.getItem(keyOf(name))
  } catch {
    return null
  }
}

function watch(changed: () => void): () => void {
  watchers.add(changed)
  return () => watchers.delete(changed)
}
