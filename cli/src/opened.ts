/** The running Sluice a verb speaks to. */
import type { HouseOptions } from './args.ts'
import { type Rest, restOf } from './rest.ts'
import { chooseHouse, type RunningHouse } from './running-house.ts'

export async function openRest(options: HouseOptions): Promise<{ house: RunningHouse; rest: Rest }> {
  const house = await chooseHouse(options)
  return { house, rest: restOf(house) }
}
