/** Logs as JSON lines, secrets cut out before they are written. */
import pino from 'pino'

export type Log = pino.Logger

/** Names under which a secret may stand in an object that is logged, at any of the first three levels. */
const secretNames = [
  'apiKey',
  'password',
  'token',
  'authorization',
  'secret',
  'cookie',
  'x-api-key',
  'proxy-authorization',
]
const paths = secretNames.flatMap((n) => [`["${n}"]`, `*["${n}"]`, `*.*["${n}"]`])

/** Keys and bearers as they look inside text: Anthropic keys, bearer headers, our own tokens. */
const secretShapes = /sk-ant-[\w-]{8,}|(?<=[Bb]earer\s)[\w.~+/=-]{8,}|slc_[\w-]{16,}/g

export const redact = (text: string): string => text.replace(secretShapes, '[redacted]')

/** `to` is anything with `write`: a file in the data directory under `up`, standard error when run alone. */
export function openLog(service: string, to: pino.DestinationStream = pino.destination(2)): Log {
  const redacting = { write: (line: string) => to.write(redact(line)) }
  return pino(
    { name: service, level: process.env.SLUICE_LOG ?? 'info', redact: { paths, censor: '[redacted]' } },
    redacting,
  )
}
