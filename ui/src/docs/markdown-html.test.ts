/** Our own documents as they are shown: where links lead, what is text, what becomes of a diagram. */
import { expect, test } from 'vitest'
import { htmlOf } from './markdown-html.ts'

test('a link leads to the page’s own place of a document; what lies only in the repository is no link', () => {
  const html = htmlOf('[a](reviewers.md#the-check) [b](openapi.json) [c](../README.md) [d](https://nats.io)')

  expect([...html.matchAll(/href="([^"]+)"/g)].map(([, href]) => href)).toEqual([
    '/docs/reviewers#the-check',
    '/docs/rest',
    'https://nats.io',
  ])
})

test('a heading is named as its links expect, and the second of one name otherwise', () => {
  const html = htmlOf('## The request\n\n## The request\n\n### story.submitted')

  expect([...html.matchAll(/id="([^"]+)"/g)].map(([, id]) => id)).toEqual([
    'the-request',
    'the-request-1',
    'storysubmitted',
  ])
})

test('what stands between angle brackets is text, unless it folds', () => {
  const html = htmlOf('Say <seat> or <img src=x>.\n\n<details><summary>Example</summary>\n\nMore.\n\n</details>')

  expect(html).toContain('&lt;seat&gt;')
  expect(html).not.toContain('<img')
  expect(html).toContain('<details><summary>Example</summary>')
})

test('a diagram of states is a table of its steps', () => {
  const html = htmlOf('```mermaid\nstateDiagram-v2\n  [*] --> scope : story.submitted\n  scope --> scope_gate\n```')

  expect(html).toContain('<td>(begins)</td><td>scope</td><td>story.submitted</td>')
  expect(html).toContain('<td>scope</td><td>scope gate</td><td></td>')
})
