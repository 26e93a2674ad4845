/** Markdown that an agent wrote: sanitised, without pictures, forms or anything that is loaded. */
import { Typography } from '@mantine/core'
import DOMPurify from 'dompurify'
import { Marked } from 'marked'
import { useMemo } from 'react'

/** HTML in the text is shown as the text it is, a picture as its words: nothing of either is ever parsed. */
const marked = new Marked({
  async: false,
  gfm: true,
  renderer: { html: ({ text }) => escaped(text), image: ({ text }) => escaped(text) },
})

const purify = DOMPurify(window)
purify.addHook('afterSanitizeAttributes', (node) => {
  if (node.nodeName !== 'A') return
  const target = node.getAttribute('href') ?? ''
  if (!/^https?:\/\//.test(target)) return node.removeAttribute('href')
  node.setAttribute('target', '_blank')
  node.setAttribute('rel', 'noopener noreferrer nofollow')
})

const allowed = {
  ALLOWED_TAGS:
    'h1 h2 h3 h4 h5 h6 p ul ol li a em strong del code pre blockquote table thead tbody tr th td hr br'.split(' '),
  ALLOWED_ATTR: ['href', 'start', 'align'],
}

export default function Markdown({ text }: { text: string }) {
  const html = useMemo(() => purify.sanitize(marked.parse(text, { async: false }), allowed), [text])
  return (
    <Typography className="document">
      {/** biome-ignore lint/security/noDangerouslySetInnerHtml: DOMPurify let only the tags above through. */}
      <div dangerouslySetInnerHTML={{ __html: html }} />
    </Typography>
  )
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
