/** `npm run screenshots`: plays a house into telling states and photographs every page, three widths, light and dark. */
import { parseArgs } from 'node:util'
import { openPersonsBrowser } from '../testing/browser.ts'
import { type Place, placesOf } from '../testing/page-places.ts'
import { openContext, photograph, shots } from './camera.ts'
import { openShownHouse } from './house.ts'
import { photographForReadme } from './readme.ts'

const usage = `npm run screenshots -- [--out screenshots] [--only TEXT] [--readme]
  --out     the folder, made if it is not there
  --only    pages whose name holds this text
  --readme  also the pictures of the README, into docs/`

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'screenshots' },
    only: { type: 'string', default: '' },
    readme: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const empties: Place[] = ['board', 'inbox', 'money', 'ledger', 'memory'].map((name) => ({
  name: `empty-${name}`,
  path: name === 'board' ? '/' : `/${name}`,
}))

async function takeAll(): Promise<void> {
  const say = (line: string) => process.stderr.write(`${line}\n`)
  const chosen = (places: readonly Place[]) => places.filter(({ name }) => name.includes(values.only))
  await using shownHouse = await openShownHouse(say)
  const browser = await openPersonsBrowser()
  await using stack = new AsyncDisposableStack()
  stack.defer(() => browser.close())
  const { house, play } = shownHouse

  async function take(places: readonly Place[]): Promise<void> {
    for (const shot of shots) {
      const context = await openContext(browser, house.address, shot)
      const taken = await photograph(context, { origin: house.origin, dir: values.out, places: chosen(places), shot })
      await context.close()
      say(`${shot.width} ${shot.theme}: ${taken} pictures`)
    }
  }

  await take(empties)
  const { shipped, unmended, reviewed, designed, scoped, asking, poor, failed } = await play()
  const waiting = { unmended, reviewed, designed, scoped, asking, poor, failed }
  await take(placesOf({ stories: { shipped, unmended }, waiting }))
  if (values.readme) await photographForReadme(browser, house, { reviewed: unmended, say })
}

if (values.help) console.log(usage)
else await takeAll()
