/** Lays a house: takes its data directory, looks at everything, and writes what the broker and every service are told. */
import { join } from 'node:path'
import { sweepTemp } from '@sluice/kit/short-temp.ts'
import { writeBusFiles } from './bus-files.ts'
import { endLeftBehind } from './crew.ts'
import { holdData, holder, houseFile } from './hold.ts'
import type { HouseOptions } from './house.ts'
import { type Plan, planHouse } from './plan.ts'
import { originOf } from './ports.ts'
import { makePrivateDir, writePrivate } from './private-file.ts'

/** What is taken is given back with `stack`. */
export async function layHouse(options: HouseOptions, stack: AsyncDisposableStack): Promise<Plan> {
  const { dataDir: dir } = options
  for (const place of [dir, join(dir, 'logs')]) makePrivateDir(place)
  stack.use(holdData(dir))
  sweepTemp()
  await endLeftBehind(dir)
  const plan = await planHouse(options)
  stack.use(plan.claim)
  writeBusFiles(plan)
  writeHouseFile(plan)
  return plan
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
