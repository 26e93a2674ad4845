/** From finding to finding, from file to file: what is jumped to is unfolded, on the screen, and has the focus. */
import { useEffect, useRef } from 'react'

export type Jump = {
  finding(by: 1 | -1): void
  file(by: 1 | -1): void
  to(what: 'finding' | 'file', name: string): void
  /** The file that was jumped to last, or the one on top of the screen. */
  here(): string | undefined
}

type Order = { findings: readonly string[]; files: readonly string[] }

export function useJump({ findings, files }: Order, unfold: (finding: string) => void): Jump {
  const at = useRef<{ finding: string | null; file: string | null }>({ finding: null, file: null })

  function to(what: 'finding' | 'file', name: string): void {
    at.current = { ...at.current, [what]: name }
    if (what === 'finding') unfold(name)
    // What was folded a moment ago is there after the next drawing.
    requestAnimationFrame(() => requestAnimationFrame(() => show(`${what}-${name}`)))
  }
  const step = (what: 'finding' | 'file', all: readonly string[], by: 1 | -1) => {
    if (all.length === 0) return
    const now = all.indexOf(at.current[what] ?? '')
    const next = now === -1 ? (by === 1 ? 0 : all.length - 1) : (now + by + all.length) % all.length
    to(what, all[next] ?? '')
  }

  const first = useRef(to)
  first.current = to
  useEffect(() => {
    const named = decodeURIComponent(location.hash.slice(1))
    if (named.startsWith('finding-')) first.current('finding', named.slice('finding-'.length))
  }, [])

  return {
    finding: (by) => step('finding', findings, by),
    file: (by) => step('file', files, by),
    to,
    here: () => at.current.file ?? files.find(isOnScreen),
  }
}

function show(id: string): void {
  const found = document.getElementById(id)
  found?.scrollIntoView({ block: id.startsWith('file-') ? 'start' : 'center' })
  const target = found instanceof HTMLDetailsElement ? found.querySelector('summary') : found
  target?.focus({ preventScroll: true })
}

const isOnScreen = (path: string): boolean =>
  (document.getElementById(`file-${path}`)?.getBoundingClientRect().bottom ?? 0) > 0
