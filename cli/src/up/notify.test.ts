/** A person is told once of each thing that begins to wait for them, and nothing an agent wrote is run. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bareMachine } from '@sluice/kit/testing/bare-machine.ts'
import { cardOf } from '@sluice/proto/card.ts'
import { expect, test, vi } from 'vitest'
import { until } from '../testing/story.ts'
import { folded } from '../testing/web.ts'
import { newlyWaiting, notifierOf } from './notify.ts'

const atWork = cardOf(folded(until('scope.requested')), 1)
const atGate = { ...cardOf(folded(until('gate.opened')), 2), title: '$(touch pwned) `x`' }
const gateAgain = { ...atGate, waitingFor: 'Approve design or send it back.' }

test('what waits is told when it begins to, and again only when it is something else', () => {
  const look = newlyWaiting()

  const told = [[atWork], [atGate], [atGate], [gateAgain], [atWork], [atGate]].map((cards) => look(cards).length)

  expect(told).toEqual([0, 1, 0, 1, 0, 1])
})

test('what waits at the first look is on the page already', () => {
  expect(newlyWaiting()([atGate])).toEqual([])
})

test('a command of the person’s gets the story as JSON, the desktop’s gets its words as arguments', async () => {
  await using bare = await bareMachine()
  const [told, shown] = [join(bare.root, 'told'), join(bare.root, 'shown')]
  await bare.put('notify-send', `for word in "$@"; do echo "$word"; done > ${shown}`)
  const notification = { title: atGate.title, text: atGate.waitingFor ?? '', card: atGate }

  ;(await notifierOf(['sh', '-c', `cat > ${told}`], bare.machine))?.(notification)
  ;(await notifierOf(true, bare.machine))?.(notification)

  await vi.waitFor(async () => expect(JSON.parse(await readFile(told, 'utf8'))).toEqual(atGate), 15_000)
  await vi.waitFor(async () => expect(await readFile(shown, 'utf8')).toContain(`--\n${atGate.title}\n`), 15_000)
})

test('wished for where there is no way to show one, it is refused with the mend', async () => {
  await using bare = await bareMachine()

  await expect(notifierOf(true, bare.machine)).rejects.toThrow('libnotify-bin')
})
