/** A terminal as a picture: its colours, its boxes, no larger than what was printed. */
import { expect, test } from 'vitest'
import { terminalPage } from './terminal-page.ts'

test('a page shows the last lines in their colours, and what was printed is text and never markup', async () => {
  const raw = `${'old\r\n'.repeat(30)}\u001b[32m✓ pass\u001b[0m\r\n<script>alert(1)</script>\r\n`

  const { html, height } = await terminalPage(raw, { cols: 40, rows: 10 })

  expect(html).toMatch(/color: #\w+;[^>]*>✓ pass</)
  expect(html).not.toContain('<script')
  expect(html.match(/old/g)).toHaveLength(7)
  expect(height).toBeLessThan(10 * 18 + 17)
})
