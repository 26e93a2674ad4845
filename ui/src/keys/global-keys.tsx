/** The keys of every page: go somewhere, find anything, see which keys there are. */
import { lazy, Suspense, useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { type Asked, onAsked } from './ask-for.ts'
import { rememberPrefix, useKeys } from './use-keys.ts'

const Palette = lazy(() => import('./palette.tsx'))
const Help = lazy(() => import('./help.tsx'))

export function GlobalKeys() {
  const [open, setOpen] = useState<Asked | null>(null)
  const [, goTo] = useLocation()
  useKeys({
    'mod+k': () => setOpen('palette'),
    '?': () => setOpen('help'),
    'g i': () => goTo('/inbox'),
    'g b': () => goTo('/'),
    'g s': () => goTo('/services'),
    'g m': () => goTo('/money'),
  })
  useEffect(() => {
    const deaf = onAsked(setOpen)
    window.addEventListener('keydown', rememberPrefix)
    return () => {
      window.removeEventListener('keydown', rememberPrefix)
      deaf()
    }
  }, [])
  const close = () => setOpen(null)
  return (
    <Suspense>
      {open === 'palette' && <Palette onClose={close} />}
      {open === 'help' && <Help onClose={close} />}
    </Suspense>
  )
}
