/** The header of every page: whose work this is, on what it runs, whether it is live, and the marks that must not be missed. */
import { Alert, Anchor, Badge, Group, Kbd, Text, Tooltip } from '@mantine/core'
import type { Session } from '@sluice/proto/rest.ts'
import { Link, useRoute } from 'wouter'
import { askFor } from './keys/ask-for.ts'
import { useCards, useConnection, useSession } from './live/hooks.ts'
import { clockTime } from './parts/time.tsx'
import { usd } from './parts/words.ts'

export function Header() {
  const session = useSession()
  return (
    <header className="header">
      <Group justify="space-between" gap="sm" px={{ base: 'sm', sm: 'lg' }} py="xs">
        <Group gap="md" wrap="wrap">
          <Link href="/" className="brand" aria-label="Sluice, to the board">
            Sluice
          </Link>
          {session && (
            <Text size="sm" c="dimmed" className="project" title={session.project.root}>
              <b>{session.project.name}</b> on {session.project.base}
            </Text>
          )}
          <ConnectionBadge />
        </Group>
        <Group gap="md" component="nav" aria-label="Pages" className="places">
          <Inbox />
          <Place href="/">Board</Place>
          <Place href="/services">Services</Place>
          <Place href="/money">Money</Place>
          <Place href="/ledger">Ledger</Place>
          <Place href="/memory">Memory</Place>
          <Place href="/docs" under="/docs/:name?">
            Docs
          </Place>
          <Place href="/settings">Settings</Place>
          <button type="button" className="more" title="A story, a page, an action" onClick={() => askFor('palette')}>
            Go to{' '}
            <Kbd size="xs" className="wide-only">
              Ctrl K
            </Kbd>
          </button>
        </Group>
      </Group>
      {session && <Marks session={session} />}
      <Away />
    </header>
  )
}

function Inbox() {
  const cards = useCards()
  const needed = cards ? [...cards.values()].filter((card) => card.needsPerson).length : 0
  return (
    <Place href="/inbox" under="/inbox/:name?">
      Inbox
      {needed > 0 && (
        <Badge color="attention" size="sm" circle={needed < 10} ml={6}>
          {needed}
          <span className="unseen"> need you</span>
        </Badge>
      )}
    </Place>
  )
}

function Place({ href, under = href, children }: { href: string; under?: string; children: React.ReactNode }) {
  const [here] = useRoute(under)
  return (
    <Anchor component={Link} href={href} size="sm" className="place" {...(here ? { 'aria-current': 'page' } : {})}>
      {children}
    </Anchor>
  )
}

function ConnectionBadge() {
  const connection = useConnection()
  const [label, color] =
    connection.state === 'live'
      ? (['Live', 'teal'] as const)
      : connection.state === 'connecting'
        ? (['Connecting', 'gray'] as const)
        : (['Reconnecting', 'red'] as const)
  return (
    <Badge variant="dot" color={color} role="status" aria-label={`Connection: ${label}`}>
      {label}
    </Badge>
  )
}

/** What a person must know of whatever else they look at. */
function Marks({ session }: { session: Session }) {
  const { engine, jail, bus, foreignUpstream, budgetUsd, project } = session
  return (
    <Group gap="xs" px={{ base: 'sm', sm: 'lg' }} pb="xs" role="group" aria-label="Marks">
      {engine.scripted && (
        <Tooltip label={`Answers come from a script (${engine.scripted}), not from a model.`}>
          <Badge color="yellow" variant="filled" autoContrast tabIndex={0}>
            Scripted model
          </Badge>
        </Tooltip>
      )}
      {project.demo && (
        <Badge color="gray" variant="light">
          Demo
        </Badge>
      )}
      {foreignUpstream && !engine.scripted && (
        <Badge color="red.8" variant="filled" className="wide">
          Models answer from {engine.upstream}
        </Badge>
      )}
      {jail.kind === 'none' && (
        <Badge color="red.8" variant="filled" className="wide">
          No jail{jail.problem ? `: ${jail.problem}` : ': agents run unconfined'}
        </Badge>
      )}
      {bus.problem && (
        <Badge color="red.8" variant="filled" className="wide">
          Open bus: {bus.problem}
        </Badge>
      )}
      <Text size="xs" c="dimmed">
        {engine.name} · {engine.scripted ? `a script at ${engine.upstream} in place of ${engine.model}` : engine.model}{' '}
        · {usd(budgetUsd)} a story
      </Text>
    </Group>
  )
}

/** Nothing that may be stale is left looking live. */
function Away() {
  const connection = useConnection()
  if (connection.state !== 'away') return null
  return (
    <Alert color="red" variant="filled" radius={0} py="xs" role="alert" className="away">
      <Text size="sm">
        <b>Not live.</b> {connection.why} What you see is as of {clockTime(connection.since)}; it is brought up to date
        as soon as the connection is back. What you type is kept.
      </Text>
    </Alert>
  )
}
