/** The list an agent keeps of its work, as it stands. */
import { Text } from '@mantine/core'
import type { TodoItem } from '@sluice/proto/todo.ts'

const marks = { open: '○', doing: '▸', done: '✓' } as const
const words = { open: 'open', doing: 'in work', done: 'done' } as const

export function Todo({ items }: { items: readonly TodoItem[] }) {
  const done = items.filter(({ state }) => state === 'done').length
  return (
    <section className="todo" aria-label="What the agent has to do">
      <Text size="sm" c="dimmed">
        {done} of {items.length} done
      </Text>
      <ol>
        {items.map(({ text, state }, i) => (
          // Two may say the same, and the list is given whole each time.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li key={i} data-state={state}>
            <span role="img" aria-label={words[state]}>
              {marks[state]}
            </span>{' '}
            {text}
          </li>
        ))}
      </ol>
    </section>
  )
}
