/** A screen in a component: opened when it is drawn, closed when it goes, in the colours of the page. */
import { useComputedColorScheme } from '@mantine/core'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { openScreen, type Screen, type Size } from './screen.ts'

export function useScreen(
  size: Size,
  readAloud: boolean,
): { place: RefObject<HTMLDivElement | null>; screen: Screen | null } {
  const place = useRef<HTMLDivElement>(null)
  const first = useRef(size)
  const [screen, setScreen] = useState<Screen | null>(null)
  const dark = useComputedColorScheme('light') === 'dark'

  useEffect(() => {
    if (!place.current) return
    const opened = openScreen(place.current, first.current)
    setScreen(opened)
    return () => {
      setScreen(null)
      opened.close()
    }
  }, [])
  useEffect(() => screen?.look({ dark, readAloud }), [screen, dark, readAloud])

  return { place, screen }
}
