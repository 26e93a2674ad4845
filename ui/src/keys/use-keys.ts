/** Keys that do something wherever the focus is, except where a person types. */
import { useEffect, useRef } from 'react'
import { preference, readPreference } from '../parts/preference.ts'

/** `j`, `Enter`, `?`, `mod+k` (Ctrl or Cmd), or two in a row: `g i`. */
export type Keys = Readonly<Record<string, () => void>>

/** Single letters can be in the way of speech input and screen readers: they can be switched off (WCAG 2.1.4). */
export const singleKeys = preference('keys', ['on', 'off'])

/** A second key counts for this long. */
const CHORD_MS = 1_200

let prefix: { key: string; at: number } | null = null

export function useKeys(keys: Keys): void {
  const current = useRef(keys)
  current.current = keys
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const action = current.current[nameOf(event)] ?? current.current[chordOf(event)]
      if (!action || event.defaultPrevented || isBusyWith(event)) return
      event.preventDefault()
      action()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}

/** Heard once for the page, after all that wait for the second key of a pair. */
export function rememberPrefix(event: KeyboardEvent): void {
  prefix = isBusyWith(event) || event.key.length > 1 ? null : { key: event.key, at: Date.now() }
}

const chordOf = ({ key }: KeyboardEvent): string =>
  prefix && Date.now() - prefix.at < CHORD_MS ? `${prefix.key} ${key}` : ''

const nameOf = ({ key, ctrlKey, metaKey }: KeyboardEvent): string => (ctrlKey || metaKey ? `mod+${key}` : key)

/** Typing, and what a control does with the key itself. */
function isBusyWith(event: KeyboardEvent): boolean {
  if (event.altKey) return true
  if (event.ctrlKey || event.metaKey) return false
  if (readPreference(singleKeys) === 'off') return true
  const { target, key } = event
  if (!(target instanceof HTMLElement)) return false
  if (document.querySelector('dialog[open]')) return true
  if (target.matches('input, textarea, select, [contenteditable], [role="combobox"]'))
    return !(target instanceof HTMLInputElement && /^(radio|checkbox|button)$/.test(target.type) && !isMove(key))
  return isMove(key) && target.matches('button, a, summary, [role="tab"]')
}

const isMove = (key: string): boolean => key === 'Enter' || key === ' ' || key.startsWith('Arrow')
