/** The head of a story: its title, how far it is, what it cost, who works, and the way to end it. */
import { Anchor, Badge, Button, Group, Paper, Stack, Text, TextInput, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { chosenText, titleOf, waitsOf, workingOn } from '@sluice/proto/card.ts'
import { likelyUsd } from '@sluice/proto/forecast.ts'
import type { Story } from '@sluice/proto/story.ts'
import { useState } from 'react'
import { Link } from 'wouter'
import { command, getForecast } from '../api.ts'
import { ForkButton } from '../forks/fork-button.tsx'
import { Relatives } from '../forks/relatives.tsx'
import { useCommand } from '../parts/command.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import { Ago } from '../parts/time.tsx'
import { short, shortId, tokensOf, usd } from '../parts/words.ts'
import { stagesOf } from './stages.ts'

export function Head({ story }: { story: Story }) {
  const [ending, { toggle, close }] = useDisclosure(false)
  return (
    <Stack gap="xs" component="header">
      <Anchor component={Link} href="/" size="sm">
        ← All stories
      </Anchor>
      <Group justify="space-between" align="start">
        <Title order={1} size="h2" className="title">
          {titleOf(story)}
        </Title>
        <Group gap={4}>
          <ForkButton story={story} />
          {story.status === 'running' && (
            <Button variant="subtle" color="gray" size="xs" onClick={toggle} aria-expanded={ending}>
              Cancel story…
            </Button>
          )}
        </Group>
      </Group>
      {ending && <Cancelling id={story.id} onClose={close} />}
      <Relatives id={story.id} />
      <Stages story={story} />
      <Group gap="sm" aria-label="Status" role="group">
        <Status story={story} />
        {story.round > 0 && <Text size="sm">Round {story.round}</Text>}
        <Text size="sm" className="numbers">
          {usd(story.usage.costUsd)} of {usd(story.budgetUsd)} <Likely story={story} />· {short(tokensOf(story.usage))}{' '}
          tokens
        </Text>
        <Text size="sm" c="dimmed">
          submitted <Ago at={story.submitted.at} />, moved <Ago at={story.updated} />
        </Text>
      </Group>
    </Stack>
  )
}

/** From what stories of this project have cost; nothing where too few have shipped. */
function Likely({ story }: { story: Story }) {
  const { data } = useRemote('forecast', getForecast)
  const usually = data && story.status === 'running' ? likelyUsd(data, story) : null
  return usually ? <span title="What its stages to come usually cost here">(likely {usd(usually)} in all) </span> : null
}

function Status({ story }: { story: Story }) {
  const needsPerson = waitsOf(story).some((wait) => wait.person)
  const working = workingOn(story)
  return (
    <>
      {story.status === 'shipped' && (
        <Badge color="teal.9">Shipped{story.shipped ? ` as ${shortId(story.shipped.commit)}` : ''}</Badge>
      )}
      {story.status === 'cancelled' && <Badge color="gray">Cancelled</Badge>}
      {needsPerson && <Badge color="attention">Needs you</Badge>}
      {working.length > 0 && (
        <Text size="sm" className="card-work">
          <span className="pulse" aria-hidden="true" />
          {working.join(', ')} at work
        </Text>
      )}
      {story.submitted.choices && <Text size="sm">with {chosenText(story.submitted.choices)}</Text>}
      {story.submitted.auto && (
        <Badge color="grape" variant="light">
          Auto: gates approved by policy
        </Badge>
      )}
    </>
  )
}

const words = { done: 'done', here: 'at work', waits: 'waits', ahead: 'to come' } as const

function Stages({ story }: { story: Story }) {
  return (
    <ol className="stages" aria-label="Stages">
      {stagesOf(story).map(({ stage, state }) => (
        <li
          key={stage}
          data-state={state}
          {...(state === 'here' || state === 'waits' ? { 'aria-current': 'step' } : {})}
        >
          <span>{stage}</span>
          <small>{words[state]}</small>
        </li>
      ))}
    </ol>
  )
}

function Cancelling({ id, onClose }: { id: string; onClose: () => void }) {
  const [reason, setReason] = useState('')
  const cancel = useCommand((key) => command(id, 'cancel', reason ? { reason } : {}, key).then(onClose))
  return (
    <Paper withBorder p="sm" role="group" aria-label="Cancel this story">
      <Stack gap="xs">
        <Text size="sm">It ends here. Its branch and worktree stay, nothing is merged.</Text>
        <Group align="end">
          <TextInput
            label="Reason"
            flex={1}
            miw={200}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Button color="red.8" loading={cancel.busy} onClick={() => void cancel.send()}>
            Cancel the story
          </Button>
          <Button variant="default" onClick={onClose}>
            Keep it
          </Button>
        </Group>
        {cancel.error ? <Trouble error={cancel.error} /> : null}
      </Stack>
    </Paper>
  )
}
