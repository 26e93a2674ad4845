/** Every page there is, by address: what is photographed, and what is searched for barriers. */
import { tabs } from '@sluice/ui/story/stages.ts'

export type Place = { name: string; path: string }

/** `stories`: those whose every tab is shown; `waiting`: those that stand in the inbox. */
export const placesOf = ({ stories, waiting }: Record<'stories' | 'waiting', Record<string, string>>): Place[] => [
  { name: 'board', path: '/' },
  { name: 'new-story', path: '/?new' },
  { name: 'inbox', path: '/inbox' },
  ...Object.entries(waiting).map(([name, id]) => ({ name: `inbox-${name}`, path: `/inbox/${id}` })),
  ...Object.entries(stories).flatMap(([name, id]) =>
    tabs.map((tab) => ({ name: `story-${name}-${tab}`, path: `/stories/${id}/${tab}` })),
  ),
  { name: 'services', path: '/services' },
  { name: 'money', path: '/money' },
  { name: 'ledger', path: '/ledger' },
  { name: 'memory', path: '/memory?q=board' },
  { name: 'docs', path: '/docs' },
  { name: 'docs-rest', path: '/docs/rest#sendVerdict' },
  { name: 'docs-bus', path: '/docs/bus#review.completed' },
  { name: 'docs-events', path: '/docs/events' },
  { name: 'settings', path: '/settings' },
  { name: 'nowhere', path: '/nowhere' },
]
