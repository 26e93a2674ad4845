/** The documents of the repository that a user needs, built into the page, each fetched when it is read. */

const files = import.meta.glob<string>('../../../docs/*.md', { query: '?raw', import: 'default' })

export type Guide = { name: string; title: string; load: () => Promise<string> }

const titles: Readonly<Record<string, string>> = {
  page: 'The page',
  install: 'Installing',
  steering: 'Speak to a story at work',
  configuration: 'Configuration',
  'claude-code': 'Claude Code',
  jail: 'The jail',
  reviewers: 'Reviewers of your own',
  money: 'Money',
  memory: 'Memory',
  traces: 'Traces',
  platforms: 'Platforms',
  architecture: 'How Sluice works',
  events: 'Events',
  bench: 'What it costs',
}

const order = Object.keys(titles)
const placeOf = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length)

export const guides: readonly Guide[] = Object.entries(files)
  .map(([path, load]) => {
    const name = path.slice(path.lastIndexOf('/') + 1, -'.md'.length)
    return { name, title: titles[name] ?? name, load }
  })
  .sort((a, b) => placeOf(a.name) - placeOf(b.name) || a.name.localeCompare(b.name))

/** Where a link of one document leads on the page; null for what lies only in the repository. */
export function placeOfLink(href: string): string | null {
  if (/^(https?:\/\/|#)/.test(href)) return href
  const [file = '', hash] = href.split('#')
  const at = hash === undefined ? '' : `#${hash}`
  if (file === 'openapi.json') return '/docs/rest'
  if (file === 'asyncapi.json') return '/docs/bus'
  const name = /^(?:\.\/)?([\w-]+)\.md$/.exec(file)?.[1]
  return name && guides.some((guide) => guide.name === name) ? `/docs/${name}${at}` : null
}
