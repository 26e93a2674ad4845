/** Looks at a repository as `up --repo` would: its base, who commits there, what checks its stories. */
import { projectConfigAt } from '@sluice/kit/project-config.ts'
import { openRepository, type Repository } from '@sluice/kit/repository.ts'
import { type Check, missing, ok, orRefusal, warning } from './check.ts'

type Env = Record<string, string | undefined>

export async function repository(path: string, env: Env): Promise<Check[]> {
  let opened: Repository | undefined
  const base = await orRefusal('repository', missing, async () => {
    opened = await openRepository(path, env)
    const branch = await opened.defaultBase()
    return ok('repository', `${opened.root}, stories land on ${branch}`)
  })
  if (!opened || base.state !== 'ok') return [base]
  return [base, await identityIn(opened), await checksOf(opened)]
}

const identityIn = (opened: Repository): Promise<Check> =>
  orRefusal('git identity', missing, async () => {
    await opened.requireIdentity()
    return ok('git identity', 'git knows who commits there')
  })

/** What nothing checks is judged by reviewers alone: worth knowing before money is spent. */
const checksOf = (opened: Repository): Promise<Check> =>
  orRefusal('checks', missing, async () => {
    const { source, checks, setup } = await projectConfigAt(opened, await opened.head(await opened.defaultBase()))
    const names = checks.map(({ name, command }) => `${name} (${command})`).join(', ')
    if (names) return ok('checks', `${names}, from ${source}${setup ? `, after ${setup}` : ''}`)
    return warning(
      'checks',
      'Neither sluice.yaml nor a package script names types, lint or tests: nothing but reviewers judges a story there.',
      'Commit a sluice.yaml with `checks` (docs/configuration.md).',
    )
  })
