/** One way out that an agent could try: a script, and what shows that it got out. */
import type { Yard } from './yard.ts'

export type Attempt = {
  /** For people: "read ~/.ssh/id_ed25519". */
  tries: string
  /** What stands in its way, for people. */
  heldBy: string
  /** Bash, in the worktree. It prints what it got hold of, or `GOT_OUT` where there is nothing to show. */
  script(yard: Yard): string
  /** What shows it on the outside; without it, the secret or `GOT_OUT` in what the script printed. */
  gotOut?(yard: Yard, said: string): boolean | Promise<boolean>
}

/** `spoils`: what one attempt leaves would change the next one, so each has a yard of its own. */
export type Group = { about: string; spoils?: boolean; attempts: Attempt[] }

export const GOT_OUT = 'got-out'

/** For what the shell has no word for. */
export const python = (program: string): string => `python3 - <<'END'
${program.trim()}
END`

/** Calls the kernel by number, whatever the C library thinks of it. */
export const KERNEL = `
import ctypes, os, platform
libc = ctypes.CDLL(None, use_errno=True)
def call(numbers, *args):
    result = libc.syscall({'x86_64': numbers[0], 'aarch64': numbers[1]}[platform.machine()], *args)
    if result < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
`
