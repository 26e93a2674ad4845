/** Plays the recording of a run's terminal: speed, seeking, from command to command, over pauses. */
import { Button, Checkbox, Group, NativeSelect, Skeleton, Slider, Text } from '@mantine/core'
import { type Cast, parseCast } from '@sluice/proto/cast.ts'
import type { Artifact } from '@sluice/proto/parts.ts'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { getText } from '../api.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import { openPlayer, type Player } from './player.ts'
import './terminal.css'
import { useScreen } from './use-screen.ts'

export default function Replay({ recording }: { recording: Artifact }) {
  const { data, error } = useRemote(recording.sha256, async () => ({
    cast: parseCast(await getText(recording.sha256)),
  }))
  if (error) return <Trouble error={error} />
  if (!data) return <Skeleton height={240} aria-label="Loading the recording" />
  if (!data.cast) return <Text size="sm">This recording is not an asciicast v3 file: it cannot be played here.</Text>
  return <Played cast={data.cast} />
}

function Played({ cast }: { cast: Cast }) {
  const [readAloud, setReadAloud] = useState(false)
  const { place, screen } = useScreen(cast, readAloud)
  const [player, setPlayer] = useState<Player | null>(null)

  useEffect(() => {
    if (!screen) return
    const opened = openPlayer(cast, screen)
    setPlayer(opened)
    return () => opened.close()
  }, [cast, screen])

  return (
    <section className="terminal" aria-label="Replay of the terminal">
      <div ref={place} className="terminal-screen" />
      {player && <Controls player={player} />}
      <Checkbox
        size="xs"
        label="For a screen reader"
        checked={readAloud}
        onChange={(event) => setReadAloud(event.currentTarget.checked)}
      />
    </section>
  )
}

const SPEEDS = [0.5, 1, 2, 4, 8, 16]

function Controls({ player }: { player: Player }) {
  const { at, length, playing, speed, skipIdle } = useSyncExternalStore(player.subscribe, player.state)
  const commands = player.commands()
  const current = commands.findLastIndex((one) => one.at <= at + NEAR_SECONDS)
  const to = (index: number) => player.seek(commands[index]?.at ?? at)
  return (
    <Group gap="sm" className="terminal-bar">
      <Button size="compact-sm" onClick={playing ? player.pause : player.play}>
        {playing ? 'Pause' : 'Play'}
      </Button>
      <Slider
        className="terminal-slider"
        size="sm"
        min={0}
        max={Math.max(length, NEAR_SECONDS)}
        step={0.1}
        value={at}
        onChange={player.seek}
        label={timeOf}
        thumbLabel="Moment of the recording"
        marks={commands.map((one) => ({ value: one.at }))}
      />
      <Text size="xs" c="dimmed" className="numbers">
        {timeOf(at)} / {timeOf(length)}
      </Text>
      <Button size="compact-xs" variant="default" disabled={current < 1} onClick={() => to(current - 1)}>
        Command before
      </Button>
      <Button
        size="compact-xs"
        variant="default"
        disabled={current + 1 >= commands.length}
        onClick={() => to(current + 1)}
      >
        Next command
      </Button>
      {commands.length > 0 && (
        <NativeSelect
          size="xs"
          className="terminal-commands"
          aria-label="Command"
          value={Math.max(0, current)}
          onChange={(event) => to(Number(event.currentTarget.value))}
          data={commands.map(({ at, label }, i) => ({ value: String(i), label: `${timeOf(at)}  ${label}` }))}
        />
      )}
      <NativeSelect
        size="xs"
        aria-label="Speed"
        value={String(speed)}
        onChange={(event) => player.setSpeed(Number(event.currentTarget.value))}
        data={SPEEDS.map((one) => ({ value: String(one), label: `${one}×` }))}
      />
      <Checkbox
        size="xs"
        label="Skip pauses"
        checked={skipIdle}
        onChange={(event) => player.setSkipIdle(event.currentTarget.checked)}
      />
    </Group>
  )
}

/** What is nearer than this to a command counts as standing at it. */
const NEAR_SECONDS = 0.05

function timeOf(seconds: number): string {
  const whole = Math.floor(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
