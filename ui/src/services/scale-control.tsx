/** One replica more or one less; the last number that was asked for stays until the services say it. */
import { ActionIcon } from '@mantine/core'
import { useState } from 'react'
import { scale } from '../api.ts'
import { useCommand } from '../parts/command.ts'
import { Trouble } from '../parts/problem.tsx'

const MOST = 64

export function ScaleControl({ name, replicas, onScaled }: { name: string; replicas: number; onScaled(): void }) {
  const [wanted, setWanted] = useState<number | null>(null)
  const now = wanted ?? replicas
  if (wanted === replicas) setWanted(null)
  const ask = useCommand((key, n: number) => scale(name, n, key))

  async function to(n: number): Promise<void> {
    setWanted(n)
    if (!(await ask.send(n))) setWanted(null)
    onScaled()
  }

  return (
    <>
      <ActionIcon.Group>
        <ActionIcon
          variant="default"
          size={26}
          aria-label={`One ${name} less`}
          disabled={now <= 0 || ask.busy}
          onClick={() => void to(now - 1)}
        >
          −
        </ActionIcon>
        <ActionIcon
          variant="default"
          size={26}
          aria-label={`One ${name} more`}
          disabled={now >= MOST || ask.busy}
          onClick={() => void to(now + 1)}
        >
          +
        </ActionIcon>
      </ActionIcon.Group>
      {wanted !== null && wanted !== replicas && (
        <span className="quiet" role="status">
          {replicas} → {wanted}
        </span>
      )}
      {ask.error ? <Trouble error={ask.error} /> : null}
    </>
  )
}
