/** All ways out that are tried, for the suite and for docs/jail.md. */
import type { Group } from './attempt.ts'
import { files } from './files.ts'
import { kernel } from './kernel.ts'
import { network } from './network.ts'
import { processes } from './processes.ts'
import { secrets } from './secrets.ts'

export const groups: readonly Group[] = [files, secrets, processes, network, kernel]
