/** Material in a prompt between marks that it cannot close itself: each carries a digest of what stands between them. */
import { createHash } from 'node:crypto'

const sealOf = (content: string): string => createHash('sha256').update(content).digest('hex').slice(0, 16)

/** `<name a="…" seal="…">` content `</name seal="…">`. Attributes are written as JSON strings. */
export function sealed(name: string, attributes: Readonly<Record<string, string>>, content: string): string {
  const seal = sealOf(content)
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
  return `<${name}${written.join('')} seal="${seal}">\n${content}\n</${name} seal="${seal}">`
}

export type Unsealed = { attributes: Record<string, string>; content: string }

/** Every part of that name in a text, in order; what stands inside another sealed part of that name is not one. */
export function unsealed(name: string, text: string): Unsealed[] {
  const found: Unsealed[] = []
  const opening = new RegExp(`<${name}((?: [\\w-]+="(?:[^"\\\\]|\\\\.)*")*) seal="([0-9a-f]{16})">\\n`, 'g')
  for (let match = opening.exec(text); match; match = opening.exec(text)) {
    const [whole, written = '', seal = ''] = match
    const from = match.index + whole.length
    const to = text.indexOf(`\n</${name} seal="${seal}">`, from)
    const content = text.slice(from, to)
    if (to < 0 || sealOf(content) !== seal) continue
    found.push({ attributes: attributesIn(written), content })
    opening.lastIndex = to
  }
  return found
}

const attributesIn = (written: string): Record<string, string> =>
  Object.fromEntries(
    [...written.matchAll(/ ([\w-]+)=("(?:[^"\\]|\\.)*")/g)].map(([, key = '', value = '""']) => [
      key,
      JSON.parse(value) as string,
    ]),
  )
