/** A page that shows one of its states: they are told apart by `data-state` on `<html>`. */

/** The attribute is set, or replaced. */
export function inState(html: string, state: string): string {
  const bare = html.replace(/(<html\b[^>]*?)\s+data-state=(?:"[^"]*"|'[^']*'|[^\s>]+)/i, '$1')
  return /<html\b/i.test(bare)
    ? bare.replace(/<html\b/i, `<html data-state="${state}"`)
    : `<html data-state="${state}">${bare}</html>`
}
