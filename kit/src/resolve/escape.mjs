/** What the jail's probe runs inside: four ways out, all of which must fail, and one honest write, which must not. */
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'

const [outside = '', secret = '', stolen = '', port = '', pid = '', owner = '', seen = '', honest = ''] =
  process.argv.slice(2)

await Promise.allSettled([writeFile(outside, 'out'), copyFile(secret, stolen), reach(Number(port)), look()])
await writeFile(honest, 'work')

/** Waits for a word from the other side, so that whoever listens has surely seen us. */
function reach(port) {
  return new Promise((resolve, reject) => {
    connect({ host: '127.0.0.1', port })
      .once('data', () => resolve())
      .once('error', reject)
      .once('close', () => reject(new Error('no word')))
  })
}

/** The number alone says nothing: inside, a process of our own may have it. */
async function look() {
  // Without a /proc: whom one can signal one can end.
  if (process.platform !== 'linux' && process.kill(Number(pid), 0)) return writeFile(seen, 'seen')
  if ((await readFile(`/proc/${pid}/cmdline`, 'base64')) === owner) await writeFile(seen, 'seen')
}
