/** `sluice scale`: as many replicas of a role as wanted, while it works. */
import { ServiceView } from '@sluice/proto/rest.ts'
import { z } from 'zod'
import { houseOptions, readArgs } from '../args.ts'
import { Misuse } from '../misuse.ts'
import { openRest } from '../opened.ts'
import { print, printJson } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice scale ROLE N [--json] [--demo | --work]'

export const scale: Verb = {
  name: 'scale',
  summary: 'Runs N replicas of a role; who leaves gives back its work. It holds over a restart.',
  usage,
  async run(args) {
    const { values, positionals } = readArgs(args, { usage, options: houseOptions, words: ['ROLE', 'N'] })
    const [role = '', number = ''] = positionals
    if (!/^\d{1,4}$/.test(number)) throw new Misuse(`${number} is no number of replicas. Usage: ${usage}`)
    const { rest } = await openRest(values)
    const body = { replicas: Number(number) }
    const services = await rest.post(`/api/services/${encodeURIComponent(role)}/scale`, body, z.array(ServiceView))
    const replicas = services.filter(({ name }) => name === role)
    return values.json ? printJson({ services: replicas }) : print(told(role, replicas))
  },
}

function told(role: string, replicas: ServiceView[]): string {
  if (replicas.length === 0) return `Nobody does the work of the ${role} now: what is asked of it waits.`
  const starting = replicas.filter(({ state }) => state !== 'running').length
  const more = starting > 0 ? `, ${starting} of them still starting: \`sluice services\` shows them` : ''
  return `${role}: ${replicas.length} ${replicas.length === 1 ? 'replica' : 'replicas'}${more}.`
}
