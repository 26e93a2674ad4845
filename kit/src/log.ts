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

/** Keys as they look inside text: of models, bearer headers, our own tokens, and those that get committed by mistake. */
const secretShapes = new RegExp(
  [
    /\bsk-(?:ant-)?[\w-]{8,}\d[\w-]{8,}|sk-ant-[\w-]{8,}|(?<=[Bb]earer\s)[\w.~+/=-]{8,}|slc_[\w-]{16,}/,
    /gh[opsur]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|npm_[A-Za-z0-9]{30,}|xox[abeprs]-[\w-]{10,}/,
    /(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{30,}|(?<=:\/\/[^\s/:@]{0,80}:)[^\s/@]{3,}(?=@)/,
    /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
)

export const redact = (text: string): string => text.replace(secretShapes, '[redacted]')

/** `to` is anything with `write`: a file in the data directory under `up`, standard error when run alone. */
export function openLog(service: string, to: pino.DestinationStream = pino.destination(2)): Log {
  const redacting = { write: (line: string) => to.write(redact(line)) }
  return pino(
    { name: service, level: process.env.SLUICE_LOG ?? 'info', redact: { paths, censor: '[redacted]' } },
    redacting,
  )
}
