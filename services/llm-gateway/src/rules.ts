/** Which hosts a run may reach: exact names, names below one, or a host with its port. */
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'

export type Target = { host: string; port: number }

/** Where to connect to, or why not. */
export type Judgement = { address: string; family: number } | { refused: string }

/** HTTP and HTTPS; another port must be listed with its host. */
const usualPorts = new Set([80, 443])

/**
 * `registry.npmjs.org` is that host, `*.npmjs.org` every name below it, `127.0.0.1:4873` that port of that host and nothing else of it.
 * Names that lead to this machine or its network are refused unless listed with their port: a name in the project's list is not
 * a way to the services of the person's own network.
 */
export async function judge({ host, port }: Target, allowed: readonly string[]): Promise<Judgement> {
  const name = plain(host)
  const exact = allowed.some((rule) => rule.toLowerCase() === `${name.includes(':') ? `[${name}]` : name}:${port}`)
  const listed = exact || (usualPorts.has(port) && allowed.some((rule) => covers(rule.toLowerCase(), name)))
  if (!listed) return { refused: `${name}:${port} is not on the list` }

  const found = isIP(name) ? [{ address: name, family: isIP(name) }] : await resolve(name)
  const [first] = found
  if (!first) return { refused: `${name} has no address` }
  // All of them: a name with one public address and one private is not half allowed.
  if (!exact && !found.every(({ address }) => isPublic(address)))
    return { refused: `${name} leads into a private network` }
  return first
}

function covers(rule: string, name: string): boolean {
  return rule.startsWith('*.') ? name.endsWith(rule.slice(1)) && name.length > rule.length - 1 : rule === name
}

const plain = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')

const resolve = (name: string): Promise<{ address: string; family: number }[]> =>
  lookup(name, { all: true }).catch(() => [])

/** IANA's special-purpose registries (RFC 6890 and what came after): nothing there is the public internet. */
const special = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  special.addSubnet(network, bits, 'ipv4')

/** Of IPv6 only global unicast, without the ranges that wrap an IPv4 address or document something. */
const global6 = new BlockList()
global6.addSubnet('2000::', 3, 'ipv6')
const wrapped6 = new BlockList()
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const)
  wrapped6.addSubnet(network, bits, 'ipv6')

export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !special.check(address, 'ipv4')
  return global6.check(address, 'ipv6') && !wrapped6.check(address, 'ipv6')
}
