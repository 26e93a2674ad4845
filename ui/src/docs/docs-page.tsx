/** What Sluice says of itself: guides, and the reference of REST and bus. */
import { Anchor, Skeleton, Stack, Text, Title } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { Link } from 'wouter'
import { Nowhere } from '../places/elsewhere.tsx'
import './docs.css'
import { guides } from './guides.ts'

const GuideView = lazy(() => import('./guide-view.tsx'))
const RestReference = lazy(() => import('./rest-reference.tsx'))
const BusReference = lazy(() => import('./bus-reference.tsx'))

const references = [
  { name: 'rest', title: 'REST' },
  { name: 'bus', title: 'The bus' },
]

export default function DocsPage({ name }: { name: string | undefined }) {
  return (
    <div className="docs">
      <nav aria-label="Documents">
        <Contents title="Reference" entries={references} here={name} />
        <Contents title="Guides" entries={guides} here={name} />
      </nav>
      <Stack gap="md" className="docs-content">
        <Suspense fallback={<Skeleton height={320} />}>
          <Shown key={name} name={name} />
        </Suspense>
      </Stack>
    </div>
  )
}

function Shown({ name }: { name: string | undefined }) {
  if (name === undefined) return <Entrance />
  if (name === 'rest') return <RestReference />
  if (name === 'bus') return <BusReference />
  const guide = guides.find((one) => one.name === name)
  return guide ? <GuideView guide={guide} /> : <Nowhere />
}

function Entrance() {
  return (
    <>
      <Title order={1} size="h3">
        Documents
      </Title>
      <Text>
        The guides tell how Sluice is used and how it works. The reference says what its two doors take and answer:{' '}
        <Anchor component={Link} href="/docs/rest">
          REST
        </Anchor>{' '}
        for programs and reviewers,{' '}
        <Anchor component={Link} href="/docs/bus">
          the bus
        </Anchor>{' '}
        for services. Both are printed from the code that serves them, and come with this version.
      </Text>
    </>
  )
}

type ContentsProps = { title: string; entries: readonly { name: string; title: string }[]; here: string | undefined }

function Contents({ title, entries, here }: ContentsProps) {
  return (
    <>
      <p className="quiet docs-part">{title}</p>
      <ul className="plain">
        {entries.map((entry) => (
          <li key={entry.name}>
            <Link href={`/docs/${entry.name}`} {...(entry.name === here ? { 'aria-current': 'page' } : {})}>
              {entry.title}
            </Link>
          </li>
        ))}
      </ul>
    </>
  )
}
