/** The demo: its own repository, its three stories, and the scripted model in place of any other, whatever keys the environment holds. */
import { delimiter, dirname, join } from 'node:path'
import { makeDemoRepository } from '@sluice/demo/repository.ts'
import { readStories } from '@sluice/demo/stories.ts'
import type { Env } from './child-env.ts'
import { type House, type HouseOptions, openHouse } from './house.ts'

export const SCRIPTED_LABEL = 'the demo’s scripted model'

export const demoStories = () => readStories().map(({ requirements, text }) => ({ title: requirements.title, text }))

/** The demo's app needs the Node that runs us, not an older one of the machine: it comes first on PATH, in jails too. */
export const demoEnv = (env: Env = process.env): Env => ({
  ...env,
  PATH: [dirname(process.execPath), ...(env.PATH ? [env.PATH] : [])].join(delimiter),
})

export async function openDemoHouse(
  dir: string,
  { pace, ...options }: Omit<HouseOptions, 'dataDir' | 'repository'> & { pace: 'watch' | 'fast' },
): Promise<House> {
  const repository = join(dir, 'demo')
  await makeDemoRepository(repository)
  const scripted = { program: 'demo/src/server.ts', args: ['--pace', pace], label: SCRIPTED_LABEL }
  const env = demoEnv(options.env)
  return openHouse({ ...options, env, dataDir: dir, repository, demo: true, demoStories: demoStories(), scripted })
}
