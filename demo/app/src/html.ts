/** Pages as strings: a template tag that escapes every value it is given. */

/** Markup that may be put into a page as it is. */
export class SafeHtml {
  readonly markup: string

  constructor(markup: string) {
    this.markup = markup
  }

  toString(): string {
    return this.markup
  }
}

type Value = string | number | SafeHtml | null | undefined | false | readonly Value[]

/** Builds markup; strings and numbers are escaped, `SafeHtml` is kept, nothing comes of null, undefined and false. */
export function html(parts: TemplateStringsArray, ...values: Value[]): SafeHtml {
  return new SafeHtml(parts.reduce((page, part, i) => page + render(values[i - 1]) + part))
}

/** Marks a string as markup already. Only for what we wrote ourselves. */
export const raw = (markup: string): SafeHtml => new SafeHtml(markup)

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function render(value: Value): string {
  if (value === null || value === undefined || value === false) return ''
  if (value instanceof SafeHtml) return value.markup
  if (typeof value === 'object') return value.map(render).join('')
  return escapeHtml(String(value))
}
