/** Runs inside the jail: pipes ports of its loopback to sockets of the outside, then runs the command as if it were that command. */

import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { connect, createServer } from 'node:net'
import { constants } from 'node:os'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    // The run's socket, and the port it is reached by inside.
    socket: { type: 'string' },
    port: { type: 'string' },
    // Services of the machine, `127.0.0.1:5432`: asked for through the run's socket, on the same port inside.
    service: { type: 'string', multiple: true, default: [] },
    // A socket on which the outside asks for ports of this loopback.
    inlet: { type: 'string' },
    // Descriptors of the command's beyond the usual three.
    keep: { type: 'string', multiple: true, default: [] },
  },
})

/** One jail, however many connections of it wait. */
const name = randomUUID()

const listening = [
  ...(values.socket ? [listen('127.0.0.1', Number(values.port), (inside) => join(inside, toSocket()))] : []),
  ...values.service.map((service) => listen(...placeOf(service), (inside) => throughProxy(inside, service))),
]
if (values.inlet) for (let spare = 0; spare < 2; spare += 1) wait()
await Promise.all(listening)
run()

function listen(host, port, serve) {
  const server = createServer({ allowHalfOpen: true }, serve)
  return new Promise((resolve) => {
    server.on('error', (error) => {
      console.error(`The forwarder cannot listen on port ${port}: ${error.message}`)
      process.exit(126)
    })
    server.listen(port, host, resolve)
  })
}

function placeOf(service) {
  const [, host, port] = /^(.*):(\d+)$/.exec(service)
  return [host === 'localhost' ? '127.0.0.1' : host.replace(/^\[|\]$/g, ''), Number(port)]
}

function toSocket() {
  return connect({ path: values.socket, allowHalfOpen: true })
}

/** One side breaking off breaks the other: a cut answer must not look like a whole one. */
function join(inside, outside) {
  inside.on('error', () => outside.destroy())
  outside.on('error', () => inside.destroy())
  inside.pipe(outside).pipe(inside)
}

function throughProxy(inside, service) {
  const outside = toSocket()
  inside.on('error', () => outside.destroy())
  outside.on('error', () => inside.destroy())
  outside.write(`CONNECT ${service} HTTP/1.1\r\nHost: ${service}\r\n\r\n`)
  let head = Buffer.alloc(0)
  outside.on('data', function read(chunk) {
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    outside.off('data', read)
    if (!/^HTTP\/1\.1 200 /.test(head.toString('latin1', 0, 16))) {
      outside.destroy()
      inside.destroy()
      return
    }
    inside.write(head.subarray(end + 4))
    inside.pipe(outside).pipe(inside)
  })
}

/** Connects and waits to be asked for a port; then another connection waits in its place. */
function wait() {
  const outside = connect({ path: values.inlet, allowHalfOpen: true })
  // It must not keep a jail alive whose command has ended.
  outside.unref()
  outside.on('error', () => outside.destroy())
  outside.once('connect', () => outside.write(`${name}\n`))
  let asked = ''
  outside.on('data', function read(chunk) {
    asked += chunk.toString('latin1')
    if (!asked.includes('\n')) return
    outside.off('data', read)
    outside.pause()
    wait()
    answer(outside, Number(asked))
  })
}

function answer(outside, port, [host, ...others] = ['127.0.0.1', '::1']) {
  const inside = connect({ host, port, allowHalfOpen: true })
  inside.once('error', () => {
    if (others.length > 0) return answer(outside, port, others)
    outside.end('-')
  })
  inside.once('connect', () => {
    inside.on('error', () => outside.destroy())
    outside.on('error', () => inside.destroy())
    outside.write('+')
    inside.pipe(outside).pipe(inside)
  })
}

function run() {
  const [file, ...args] = positionals
  // In our process group and on our terminal, so that an interactive shell can take the terminal over.
  const beyond = values.keep.map(Number)
  const stdio = Array.from({ length: Math.max(2, ...beyond) + 1 }, (_, fd) =>
    fd < 3 ? 'inherit' : beyond.includes(fd) ? fd : 'ignore',
  )
  const child = spawn(file, args, { stdio })

  // The terminal sends these to the whole group; the command answers them, we only must outlive it.
  for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))

  child.on('error', (error) => {
    console.error(error.message)
    process.exit(127)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}
