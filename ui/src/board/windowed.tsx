/** A long list of which only what is near the screen is drawn; the rest keeps its place by its height. */
import { memo, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'

type Props<T> = { items: readonly T[]; keyOf(item: T): string; draw(item: T): ReactNode; estimate: number }

/** Drawn and left out together. */
const BLOCK = 20
/** Drawn before it is seen, so that scrolling and the tab key find it there. */
const MARGIN = '1200px 0px'

export function Windowed<T>({ items, ...how }: Props<T>) {
  const blocks = Array.from({ length: Math.ceil(items.length / BLOCK) }, (_, i) =>
    items.slice(i * BLOCK, (i + 1) * BLOCK),
  )
  return blocks.map((block, i) => (
    // Blocks are places: what stands in them changes.
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    <Block key={i} items={block} isFirst={i === 0} {...how} />
  ))
}

function BlockView<T>({ items, keyOf, draw, estimate, isFirst }: Props<T> & { isFirst: boolean }) {
  const list = useRef<HTMLUListElement>(null)
  const [isNear, setNear] = useState(isFirst)
  const height = useRef(0)

  useEffect(() => {
    const place = list.current
    if (!place) return
    const watching = new IntersectionObserver(([seen]) => setNear(seen?.isIntersecting === true), {
      rootMargin: MARGIN,
    })
    watching.observe(place)
    return () => watching.disconnect()
  }, [])
  useLayoutEffect(() => {
    if (isNear && list.current) height.current = list.current.offsetHeight / items.length
  })

  if (!isNear)
    return <ul ref={list} aria-hidden="true" style={{ height: items.length * (height.current || estimate) }} />
  return (
    <ul ref={list}>
      {items.map((item) => (
        <li key={keyOf(item)}>{draw(item)}</li>
      ))}
    </ul>
  )
}

/** A block whose items all stayed is not drawn again. */
const Block = memo(BlockView, (before, now) => {
  const same = before.items.length === now.items.length && before.items.every((item, i) => item === now.items[i])
  return same && before.draw === now.draw
}) as typeof BlockView
