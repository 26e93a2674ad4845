/** What a new story works with: engine, model and effort for every role, or for one. Left alone, all is as configured. */
import { Group, NativeSelect, Stack, Text } from '@mantine/core'
import { type Choice, type Choices, Effort } from '@sluice/proto/parts.ts'
import type { ModelView, Session } from '@sluice/proto/rest.ts'
import { getModels } from '../api.ts'
import { useRemote } from '../parts/remote.ts'

export type Wish = { choice: Choice; choices: Choices }
export const noWish: Wish = { choice: {}, choices: {} }

/** As REST takes it: nothing that was left as configured. */
export function wishBody({ choice, choices }: Wish): { choice?: Choice; choices?: Choices } {
  const said = Object.fromEntries(Object.entries(choices).filter(([, one]) => Object.keys(one).length > 0))
  return {
    ...(Object.keys(choice).length > 0 && { choice }),
    ...(Object.keys(said).length > 0 && { choices: said }),
  }
}

type Props = { session: Session; wish: Wish; onChange: (wish: Wish) => void }

export function ChoiceFields({ session, wish, onChange }: Props) {
  const { data, error } = useRemote('models', getModels)
  const models = data?.models ?? []
  const { crew, engines } = session
  return (
    <details>
      <summary>Engine and model</summary>
      <Stack gap="sm" mt="xs">
        <Text size="xs" c="dimmed">
          {error
            ? 'The models could not be listed: what is configured is used.'
            : (data?.problem ?? 'Left alone, all is as your configuration says.')}
        </Text>
        <ChoiceRow
          who="Every role"
          {...{ engines, models }}
          choice={wish.choice}
          onChange={(choice) => onChange({ ...wish, choice })}
        />
        {Object.entries(crew).map(([role, usual]) => (
          <ChoiceRow
            key={role}
            who={role}
            {...{ engines, models, usual }}
            choice={wish.choices[role] ?? {}}
            onChange={(choice) => onChange({ ...wish, choices: { ...wish.choices, [role]: choice } })}
          />
        ))}
      </Stack>
    </details>
  )
}

type Row = {
  who: string
  engines: readonly string[]
  models: readonly ModelView[]
  usual?: Choice
  choice: Choice
  onChange: (choice: Choice) => void
}

function ChoiceRow({ who, engines, models, usual = {}, choice, onChange }: Row) {
  const efforts = models.find(({ id }) => id === (choice.model ?? usual.model))?.efforts ?? Effort.options
  const put = (key: keyof Choice, value: string) => {
    const { [key]: _, ...rest } = choice
    onChange(value === '' ? rest : { ...rest, [key]: value })
  }
  const select = (key: keyof Choice, what: string, options: readonly { value: string; label: string }[]) => (
    <NativeSelect
      label={`${who}: ${what}`}
      size="xs"
      value={choice[key] ?? ''}
      onChange={(event) => put(key, event.currentTarget.value)}
      data={[{ value: '', label: usual[key] ? `as configured (${usual[key]})` : 'as configured' }, ...options]}
    />
  )
  return (
    <Group gap="sm" grow>
      {select('engine', 'engine', engines.map(same))}
      {select(
        'model',
        'model',
        models.map(({ id, name }) => ({ value: id, label: name })),
      )}
      {select('effort', 'effort', efforts.map(same))}
    </Group>
  )
}

const same = (value: string) => ({ value, label: value })
