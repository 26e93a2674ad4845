/** `sluice services`: every process of the running Sluice, how it does and what it has to do. */
import { type ServiceView, ServiceView as View } from '@sluice/proto/rest.ts'
import { z } from 'zod'
import { houseOptions, readArgs } from '../args.ts'
import { limitsLines, readLimits } from '../limits-lines.ts'
import { openRest } from '../opened.ts'
import { table } from '../table.ts'
import { plain, print, printJson } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice services [--json] [--demo | --work]'

export const services: Verb = {
  name: 'services',
  summary:
    'Lists the services that run, which answer, how busy they are, how often they were started anew; and which model calls are held.',
  usage,
  async run(args) {
    const { values } = readArgs(args, { usage, options: houseOptions })
    const { rest } = await openRest(values)
    const found = await rest.get('/api/services', z.array(View))
    const limits = await readLimits(rest)
    if (values.json) return printJson({ services: found, limits })
    const head = ['SERVICE', 'STATE', 'PID', 'BUSY', 'PENDING', 'RESTARTS', 'VERSION', 'LAST ERROR']
    const held = limits ? limitsLines(limits) : ['Model calls: the gateway does not answer.']
    return print([...table(found.map(row), { head, right: [2, 3, 4, 5] }), '', ...held].join('\n'))
  },
}

const row = (service: ServiceView): string[] => [
  service.replica === service.name ? service.name : `${service.name} ${service.replica}`,
  service.alive === false ? 'no answer' : service.state,
  service.pid === null ? '' : String(service.pid),
  String(service.busy),
  service.pending === null ? '' : String(service.pending),
  String(service.restarts),
  service.version,
  plain(service.lastError ?? ''),
]
