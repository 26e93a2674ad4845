/** Who asks a model in this house, what each works with, and what a story may choose instead. */
import { type Chosen, chosenOver } from '@sluice/kit/choice.ts'
import { reviewers, roles } from '@sluice/kit/roles.ts'
import type { Choice, Choices } from '@sluice/proto/parts.ts'
import { type Project, requiredSeats } from '@sluice/proto/project.ts'
import type { ModelView } from '@sluice/proto/rest.ts'
import { refuse } from './refused.ts'
import type { Own } from './settings.ts'

/** Roles, then the seats of this project in which a reviewer of ours sits that asks a model. */
export function crewOf({ choice }: Pick<Own, 'choice'>, project: Project | null): Record<string, Chosen> {
  const fixed = roles.filter((role) => !reviewers.includes(role) && role.uses.includes('agent'))
  const names = [...fixed.map(({ name }) => name), ...requiredSeats(project ?? undefined).filter(asksModel)]
  return Object.fromEntries(names.map((name) => [name, chosenOver(choice, choice.roles[name])]))

  function asksModel(seat: string): boolean {
    const sitting = project?.seats[seat]?.sitting ?? { kind: 'builtin', program: seat }
    if (sitting.kind !== 'builtin') return false
    return reviewers.some(({ name, uses }) => name === sitting.program && uses.includes('agent'))
  }
}

export type Wished = { choice?: Choice | undefined; choices?: Choices | undefined }

/** What a story chooses, role by role: `choice` holds for all of them. Refuses what is not there, with what there is. */
export function choicesOf(
  { choice, choices = {} }: Wished,
  there: { crew: Record<string, Chosen>; models: readonly ModelView[]; engines: readonly string[] },
): Choices | undefined {
  const { crew } = there
  const names = Object.keys(crew)
  const stranger = Object.keys(choices).find((name) => !names.includes(name))
  if (stranger) refuse(400, `No ${stranger} asks a model here.`, `There are: ${names.join(', ')}.`)

  const wishes = names.map((name) => [name, { ...choice, ...choices[name] }] as const)
  for (const [name, wish] of wishes) checkChoice(wish, crew[name] as Chosen, there)
  const made = wishes.filter(([, wish]) => Object.keys(wish).length > 0)
  return made.length > 0 ? Object.fromEntries(made) : undefined
}

function checkChoice(
  wish: Choice,
  configured: Chosen,
  { models, engines }: { models: readonly ModelView[]; engines: readonly string[] },
): void {
  if (wish.engine && !engines.includes(wish.engine))
    refuse(400, `There is no engine ${wish.engine}.`, `There are: ${engines.join(', ')}.`)
  const model = wish.model && models.find(({ id }) => id === wish.model)
  if (wish.model && !model)
    refuse(
      400,
      `The model ${wish.model} cannot be chosen.`,
      `There are: ${models.map(({ id }) => id).join(', ')}. Another one needs its five prices under \`prices\` of your configuration.`,
    )
  const { effort, model: used } = chosenOver(configured, wish)
  const efforts = models.find(({ id }) => id === used)?.efforts
  if (!effort || !efforts || efforts.includes(effort)) return
  if (wish.effort || wish.model)
    refuse(
      400,
      `${used} does not know the effort ${effort}.`,
      efforts.length > 0 ? `It knows ${efforts.join(', ')}.` : 'Leave the effort out: this model has none to choose.',
    )
}
