/** The frame around every page: head, styles, browser code. */
import { html, raw, type SafeHtml } from './html.ts'

export function page(title: string, content: SafeHtml): SafeHtml {
  return html`${raw('<!doctype html>')}
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title}</title>
    <link rel="stylesheet" href="/assets/board.css">
    <script type="module" src="/assets/board.js"></script>
  </head>
  <body>${content}</body>
</html>
`
}
