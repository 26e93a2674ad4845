/** The Markdown of our own documents as HTML: pure text in, HTML out, still to be sanitised. */
import { Marked, type Tokens } from 'marked'
import { placeOfLink } from './guides.ts'

/** The only HTML our documents hold; all else between angle brackets is text. */
const FOLDS = /^(?:\s*<\/?(?:details|summary)>|[^<>])*$/

export function htmlOf(text: string): string {
  const taken = new Map<string, number>()
  const marked = new Marked({
    async: false,
    gfm: true,
    renderer: {
      html: ({ text: html }) => (FOLDS.test(html) ? html : escaped(html)),
      image: ({ text: words }) => escaped(words),
      heading(token: Tokens.Heading) {
        const inner = this.parser.parseInline(token.tokens)
        return `<h${token.depth} id="${anchorOf(token.text, taken)}">${inner}</h${token.depth}>\n`
      },
      link(token: Tokens.Link) {
        const inner = this.parser.parseInline(token.tokens)
        const place = placeOfLink(token.href)
        return place === null ? inner : `<a href="${escaped(place)}">${inner}</a>`
      },
      code: ({ text: code, lang }) =>
        lang === 'mermaid' ? stateTable(code) : `<pre tabindex="0"><code>${escaped(code)}</code></pre>\n`,
      table(token: Tokens.Table) {
        // A column without a name has no header.
        const cellOf = ({ text: words, tokens }: Tokens.TableCell, tag: 'td' | 'th') =>
          words === '' ? '<td></td>' : `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`
        const row = (cells: Tokens.TableCell[], tag: 'td' | 'th') =>
          `<tr>${cells.map((cell) => cellOf(cell, tag)).join('')}</tr>`
        const body = token.rows.map((cells) => row(cells, 'td')).join('')
        return `<div class="guide-table" tabindex="0"><table><thead>${row(token.header, 'th')}</thead><tbody>${body}</tbody></table></div>\n`
      },
    },
  })
  return marked.parse(text, { async: false })
}

/** As GitHub names it: lower case, hyphens for spaces, a number for the second of one name. */
function anchorOf(heading: string, taken: Map<string, number>): string {
  const plain = heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')
  const before = taken.get(plain) ?? 0
  taken.set(plain, before + 1)
  return before === 0 ? plain : `${plain}-${before}`
}

/** A diagram of states says of each step from where, to where, and by what: that can be read as it is. */
function stateTable(diagram: string): string {
  const steps = [...diagram.matchAll(/^\s*(\S+) --> (\S+)(?: : (.*))?$/gm)]
  const place = (name: string) => escaped(name === '[*]' ? '' : name.replaceAll('_', ' '))
  const rows = steps.map(([, from = '', to = '', why = '']) => {
    const cells = [from === '[*]' ? '(begins)' : place(from), to === '[*]' ? '(ends)' : place(to), escaped(why)]
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
  })
  return `<div class="guide-table" tabindex="0"><table><thead><tr><th>from</th><th>to</th><th>by</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>\n`
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
