/** The ports a story's commands are told to listen on: its own ten, so that none of two stories clash where jails share the machine's loopback. */
import { createHash } from 'node:crypto'

/** Below what systems hand out by themselves (32768 on Linux, 49152 elsewhere). */
const FIRST = 20_000
const STORIES = 1_000
const EACH = 10

/** The same for every command of a story: a server that one attempt started is found where the next one looks. */
export function portEnv(storyId: string): { PORT: string; SLUICE_PORT_BASE: string } {
  const base = FIRST + (createHash('sha256').update(storyId).digest().readUInt32BE(0) % STORIES) * EACH
  return { PORT: String(base), SLUICE_PORT_BASE: String(base) }
}
