/** A document of our own repository: headings that can be linked to, tables that scroll, diagrams of states as tables. */
import { Skeleton, Typography } from '@mantine/core'
import DOMPurify from 'dompurify'
import { useEffect, useMemo } from 'react'
import { useLocation } from 'wouter'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import type { Guide } from './guides.ts'
import { htmlOf } from './markdown-html.ts'

const purify = DOMPurify(window)

export default function GuideView({ guide }: { guide: Guide }) {
  const { data, error } = useRemote(guide.name, guide.load)
  const [, goTo] = useLocation()
  const html = useMemo(() => (data === null ? '' : purify.sanitize(htmlOf(data))), [data])
  useEffect(() => {
    if (html) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView()
  }, [html])

  if (error) return <Trouble error={error} />
  if (data === null) return <Skeleton height={320} />
  const follow = (event: React.MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    const href = link?.getAttribute('href')
    if (!href?.startsWith('/docs/') || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    goTo(href)
    scrollTo(0, 0)
  }
  return (
    <Typography className="document guide">
      {/** biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/noStaticElementInteractions: the links inside are what is clicked, with the keyboard too. */}
      {/** biome-ignore lint/security/noDangerouslySetInnerHtml: our own documents, and DOMPurify all the same. */}
      <div onClick={follow} dangerouslySetInnerHTML={{ __html: html }} />
    </Typography>
  )
}
