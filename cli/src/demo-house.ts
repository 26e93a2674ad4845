/** The demo: its own repository, its three stories, and the scripted model in place of any other, whatever keys the environment holds. */
import { join } from 'node:path'
import { makeDemoRepository } from '@sluice/demo/repository.ts'
import { readStories } from '@sluice/demo/stories.ts'
import { type House, type HouseOptions, openHouse } from './house.ts'

export const SCRIPTED_LABEL = 'the demo’s scripted model'

export const demoStories = () => readStories().map(({ requirements, text }) => ({ title: requirements.title, text }))

export async function openDemoHouse(
  dir: string,
  { pace, ...options }: Omit<HouseOptions, 'dataDir' | 'repository'> & { pace: 'watch' | 'fast' },
): Promise<House> {
  const repository = join(dir, 'demo')
  await makeDemoRepository(repository)
  const scripted = { program: 'demo/src/server.ts', args: ['--pace', pace], label: SCRIPTED_LABEL }
  return openHouse({ ...options, dataDir: dir, repository, demo: true, demoStories: demoStories(), scripted })
}
