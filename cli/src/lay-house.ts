/** Lays a house: takes its data directory, looks at everything, and writes what the broker and every service are told. */
import { join } from 'node:path'
import { brokerUrl, originOf, writeBusFiles } from './bus-files.ts'
import { endLeftBehind } from './crew.ts'
import { holdData, holder, houseFile } from './hold.ts'
import type { HouseOptions } from './house.ts'
import { ownOf } from './own.ts'
import { type Plan, planHouse } from './plan.ts'
import { makePrivateDir, writePrivate } from './private-file.ts'

/** What is taken is given back with `stack`. */
export async function layHouse(options: HouseOptions, stack: AsyncDisposableStack) {
  const { dataDir: dir } = options
  for (const place of [dir, join(dir, 'logs')]) makePrivateDir(place)
  stack.use(holdData(dir))
  await endLeftBehind(dir)
  const plan = await planHouse(options)
  stack.use(plan.claim)
  const busUrlFor = options.busUrlFor ?? (() => brokerUrl(plan.ports))
  const { brokerFile } = writeBusFiles({ ...plan, busUrlFor, ownOf: (user) => ownOf(plan, user) })
  writeHouseFile(plan)
  return { plan, brokerFile }
}

/** All that a house's processes read before they start, and none of them. */
export async function prepareHouse(options: HouseOptions): Promise<void> {
  await using stack = new AsyncDisposableStack()
  await layHouse(options, stack)
}

/** Where the command line finds the page and the repository. */
function writeHouseFile({ dir, ports, project }: Plan): void {
  const { id, root, demo } = project
  const about = { ...holder(), origin: originOf(ports), projectId: id, root, demo }
  writePrivate(houseFile(dir), JSON.stringify(about))
}
