/** A repository with one commit and a place for a house's data, for tests. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Bus, connectBus } from '@sluice/kit/bus.ts'
import { ServiceConfig, serviceFile } from '@sluice/kit/config.ts'
import { testRepository } from '@sluice/kit/testing/repository.ts'
import { type House, type HouseOptions, openHouse } from '../house.ts'
import { processesOf } from './processes.ts'

export type TinyWorld = AsyncDisposable & {
  dataDir: string
  repository: string
  open(options?: Partial<HouseOptions>): Promise<House>
  /** As the user of that name that the house wrote a file for. */
  connect(user: string): Promise<Bus>
  config(user: string): ServiceConfig
}

export async function tinyWorld(): Promise<TinyWorld> {
  await using stack = new AsyncDisposableStack()
  const repository = stack.use(await testRepository())
  await repository.commit({ 'greeting.txt': 'Hello\n' })
  const dataDir = join(repository.dir, 'data')
  stack.defer(() => {
    // A test that failed half-way must not leave a house running.
    for (const pid of processesOf(dataDir)) process.kill(pid, 'SIGKILL')
  })
  const config = (user: string) => ServiceConfig.parse(JSON.parse(readFileSync(serviceFile(user, dataDir), 'utf8')))
  const things = stack.move()
  return {
    ...{ dataDir, repository: repository.root, config },
    open: (options = {}) => openHouse({ dataDir, repository: repository.root, port: 0, implementers: 1, ...options }),
    connect: async (user) => connectBus(config(user)),
    [Symbol.asyncDispose]: () => things.disposeAsync(),
  }
}
