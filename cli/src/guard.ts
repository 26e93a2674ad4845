/** Ends a program that knows nothing of us together with us: a broker, a browser, a model's server. */

/**
 * The command line of `argv` behind a guard. Beside the program a shell waits for its standard input to end, which is a pipe of ours, and kills
 * it then. The program takes the place of the shell that starts it, so its process id is the one we know.
 */
export const guarded = (argv: readonly string[]): string[] => [
  '/bin/sh',
  '-c',
  'exec 3<&0 </dev/null; { cat <&3; kill -9 $$; } >/dev/null 2>&1 & exec "$@" 3<&-',
  'sh',
  ...argv,
]

/**
 * The same for a program of somebody else's: it sees on its own standard input that we are gone and has a second to leave by itself, then
 * all of its group are ended.
 */
export const guardedGroup = (argv: readonly string[]): string[] => [
  '/bin/sh',
  '-c',
  'exec 3<&0; { cat <&3; sleep 1; kill -9 -$$; } >/dev/null 2>&1 & exec "$@" 3<&-',
  'sh',
  ...argv,
]
