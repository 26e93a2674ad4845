/** Runs inside the jail: pipes a port of its loopback to the run's unix socket, then runs the command as if it were that command. */
import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { constants } from 'node:os'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { socket: { type: 'string' }, port: { type: 'string' } },
})

const server = createServer({ allowHalfOpen: true }, (inside) => {
  const outside = connect({ path: values.socket, allowHalfOpen: true })
  // One side breaking off breaks the other: a cut answer must not look like a whole one.
  inside.on('error', () => outside.destroy())
  outside.on('error', () => inside.destroy())
  inside.pipe(outside).pipe(inside)
})

server.on('error', (error) => {
  console.error(`The forwarder cannot listen on port ${values.port}: ${error.message}`)
  process.exit(126)
})
server.listen(Number(values.port), '127.0.0.1', run)

function run() {
  const [file, ...args] = positionals
  // In our process group and on our terminal, so that an interactive shell can take the terminal over.
  const child = spawn(file, args, { stdio: 'inherit' })

  // The terminal sends these to the whole group; the command answers them, we only must outlive it.
  for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))

  child.on('error', (error) => {
    console.error(error.message)
    process.exit(127)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}
