/** Which page is shown where, under one header. */
import { Container, Skeleton, Stack } from '@mantine/core'
import { lazy, Suspense, useEffect } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { BoardPage } from './board/board-page.tsx'
import { Header } from './header.tsx'
import { GlobalKeys } from './keys/global-keys.tsx'
import { useCards, useConnection } from './live/hooks.ts'
import { useNotices } from './notices.ts'
import { Boundary } from './parts/boundary.tsx'
import { Nowhere, SignedOut } from './places/elsewhere.tsx'

const StoryPage = lazy(() => import('./story/story-page.tsx'))
const InboxPage = lazy(() => import('./inbox/inbox-page.tsx'))
const ComparePage = lazy(() => import('./forks/compare-page.tsx'))
const ServicesPage = lazy(() => import('./services/services-page.tsx'))
const MoneyPage = lazy(() => import('./money/money-page.tsx'))
const LedgerPage = lazy(() => import('./places/ledger-page.tsx'))
const MemoryPage = lazy(() => import('./places/memory-page.tsx'))
const DocsPage = lazy(() => import('./docs/docs-page.tsx'))
const SettingsPage = lazy(() => import('./places/settings-page.tsx'))

export function App() {
  const connection = useConnection()
  // Another page is tried anew where one broke.
  const place = useLocation()[0].split('/')[1]
  useTitle()
  useNotices()
  useEffect(() => {
    document.documentElement.dataset.connection = connection.state
  }, [connection.state])
  if (connection.state === 'signed-out') return <SignedOut />
  return (
    <>
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <GlobalKeys />
      <Header />
      <Container fluid component="main" id="content" tabIndex={-1} py="md" px={{ base: 'sm', sm: 'lg' }}>
        <Boundary key={place}>
          <Suspense fallback={<Waiting />}>
            <Switch>
              <Route path="/" component={BoardPage} />
              <Route path="/stories/:id/:tab?">{({ id, tab }) => <StoryPage key={id} id={id} tab={tab} />}</Route>
              <Route path="/inbox/:name?">{({ name }) => <InboxPage name={name} />}</Route>
              <Route path="/compare/:one/:other">
                {({ one, other }) => <ComparePage key={`${one} ${other}`} one={one} other={other} />}
              </Route>
              <Route path="/services" component={ServicesPage} />
              <Route path="/money" component={MoneyPage} />
              <Route path="/ledger" component={LedgerPage} />
              <Route path="/memory" component={MemoryPage} />
              <Route path="/docs/:name?">{({ name }) => <DocsPage name={name} />}</Route>
              <Route path="/settings" component={SettingsPage} />
              <Route component={Nowhere} />
            </Switch>
          </Suspense>
        </Boundary>
      </Container>
    </>
  )
}

function Waiting() {
  return (
    <Stack aria-busy="true" aria-label="Loading">
      <Skeleton height={28} width={240} />
      <Skeleton height={180} />
    </Stack>
  )
}

/** What needs a person is said in the browser's tab too. */
function useTitle(): void {
  const cards = useCards()
  const needed = cards ? [...cards.values()].filter((card) => card.needsPerson).length : 0
  useEffect(() => {
    document.title = needed > 0 ? `(${needed}) Sluice` : 'Sluice'
  }, [needed])
}
