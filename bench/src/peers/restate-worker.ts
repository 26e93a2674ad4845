/** A process of Restate's side: the service that takes the eight steps. */
import { once } from 'node:events'
import { createServer } from 'node:http2'
import { beChild } from '../child.ts'
import { STEPS } from '../line/steps.ts'
import { importFrom } from './fetched.ts'

type Context = { run(name: string, step: () => unknown): Promise<unknown> }
/** What is used of the package: it is fetched, not installed, so its own types are not here. */
type Restate = {
  service(definition: object): object
  createEndpointHandler(options: { services: object[]; logger: () => void }): Parameters<typeof createServer>[1]
}

await beChild<{ place: string; port: number; padding: string }>(async ({ place, port, padding }) => {
  const restate = await importFrom<Restate>(place, '@restatedev/restate-sdk')
  const tell = async (context: Context) => {
    for (const step of STEPS) await context.run(step, () => padding)
  }
  const services = [restate.service({ name: 'story', handlers: { tell } })]
  const server = createServer(restate.createEndpointHandler({ services, logger: () => {} }) as never)
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return {}
})
