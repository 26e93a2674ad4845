/** The official release of nats-server: its archive for each machine, and the sum that archive must have. */

export const NATS_RELEASE = '2.14.5'

/** SHA-256, from the release's own SHA256SUMS; the official Docker image pins the same for Linux and Windows. */
const SUMS: Partial<Record<string, string>> = {
  'linux-amd64.tar.gz': '5e3b603d47c447bda1f77f9ac16dbf91c90aac4ff3681f8fbbc7201e4ed99355',
  'linux-arm64.tar.gz': '673a98d3faa79dde3f9ebf16d6dfac36a5f694e7ad2015e4954dd7939c85cd4c',
  'darwin-amd64.tar.gz': 'f95c98d6b6ed2b63c5681b46b092c9585c99767d547cf495730c329234625e96',
  'darwin-arm64.tar.gz': 'ddd907854d9a2de834af133fa396915fe6442fe6d8909ae31390d1ea7a0fea50',
  'windows-amd64.zip': 'f66f840a211ab665083b88e9b7edbcf6296cda143be47e53e6f6bb8520692bbb',
}
const SYSTEMS: Partial<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' }
const ARCHS: Partial<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }
const RELEASES = 'https://github.com/nats-io/nats-server/releases/download'

export type ReleaseArchive = { url: string; sha256: string /** Where the archive holds the program. */; file: string }

/** Undefined where no archive is known. `SLUICE_NATS_RELEASES` names a mirror: what it sends must have the same sum. */
export function natsArchive(machine: {
  platform: string
  arch: string
  env: Record<string, string | undefined>
}): ReleaseArchive | undefined {
  const [system, arch] = [SYSTEMS[machine.platform], ARCHS[machine.arch]]
  const ending = system === 'windows' ? 'zip' : 'tar.gz'
  const sha256 = SUMS[`${system}-${arch}.${ending}`]
  if (!sha256) return undefined
  const name = `nats-server-v${NATS_RELEASE}-${system}-${arch}`
  const releases = machine.env.SLUICE_NATS_RELEASES || RELEASES
  const program = system === 'windows' ? 'nats-server.exe' : 'nats-server'
  return { url: `${releases}/v${NATS_RELEASE}/${name}.${ending}`, sha256, file: `${name}/${program}` }
}
