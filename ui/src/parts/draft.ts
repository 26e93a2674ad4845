/** Text a person types, kept through reloads and lost connections until it was sent. */
import { useCallback, useState } from 'react'

const nameOf = (what: string): string => `sluice.draft.${what}`

/** `what` names the place, for good: the component is keyed by it where it can change. */
export function useDraft(what: string, first = ''): [text: string, write: (text: string) => void, forget: () => void] {
  const [text, setText] = useState(() => read(what) ?? first)
  const write = useCallback(
    (next: string) => {
      setText(next)
      keep(what, next)
    },
    [what],
  )
  const forget = useCallback(() => {
    setText(first)
    keep(what, '')
  }, [what, first])
  return [text, write, forget]
}

// A browser that refuses storage loses drafts on reload, nothing else.
function read(what: string): string | null {
  try {
    return localStorage.getItem(nameOf(what))
  } catch {
    return null
  }
}

function keep(what: string, text: string): void {
  try {
    if (text) localStorage.setItem(nameOf(what), text)
    else localStorage.removeItem(nameOf(what))
  } catch {}
}
