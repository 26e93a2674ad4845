/** A model that sees no pictures is sent none, wherever they would have come from, and is told that there was one. */
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineTool } from './agent.ts'
import { agentWorld } from './testing/agent-world.ts'
import { memoryRun } from './testing/memory-run.ts'
import { pngOf } from './testing/messages-image.ts'
import { images, tool, usedTool, userText } from './testing/messages-script.ts'
import { voiceAt } from './testing/voice.ts'

const picture = { type: 'image' as const, mediaType: 'image/png' as const, data: pngOf(300, 200) }
const unseen = /Here is a picture, image\/png, \d+ bytes, which you cannot see/

test.each([
  [true, 0],
  [undefined, 3],
] as const)('blind: %s; of a picture in the task, one of a tool and one of the person it gets %i', async (blind, n) => {
  await using world = await agentWorld((request) => ({
    content: [usedTool(request, 'camera') ? tool('submit', { verdict: 'good' }) : tool('camera', {})],
  }))
  const run = memoryRun()
  const { hearing, say } = await voiceAt(run)
  const attached = await world.artifacts.put(picture.data, { name: 'board.png', mediaType: 'image/png' })
  const camera = defineTool({
    ...{ name: 'camera', description: 'Takes a picture.', input: z.object({}), readOnly: true },
    async run() {
      await say({ do: 'steer', id: 'words-01', text: 'Look at mine.', attachments: [attached] })
      return { ok: true, content: [picture] }
    },
  })

  await world.attempt(run, { prompt: [picture], tools: [camera] }, { hearing, ...(blind && { blind }) })

  const last = world.api.requests.at(-1)?.body
  if (!last) throw new Error('nothing was asked')
  expect(images(last)).toHaveLength(n)
  const told = [userText(last), JSON.stringify(last.messages)]
  expect(told.map((text) => unseen.test(text))).toEqual(told.map(() => n === 0))
  expect(userText(last)).toContain('Look at mine.')
})
