/** Whether one finds what one means: a small history of a chat application, and requests as people write them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { historyEntry } from './history-entry.ts'
import { historyId } from './history-id.ts'
import { openStore } from './store.ts'

const history: [title: string, files: string[]][] = [
  ['Set up the server and its routes', ['src/server.ts', 'src/routes/index.ts', 'package.json']],
  ['Add rooms: create, join and leave', ['src/routes/rooms.ts', 'src/model/room.ts', 'test/rooms.test.ts']],
  ['Add messages to rooms', ['src/routes/messages.ts', 'src/model/message.ts', 'test/messages.test.ts']],
  ['Sign in with a password', ['src/auth/sign-in.ts', 'src/auth/password.ts', 'test/sign-in.test.ts']],
  ['Keep the session in a cookie', ['src/auth/session.ts', 'src/auth/sign-in.ts', 'test/session.test.ts']],
  ['Show who is typing', ['ui/typing.tsx', 'src/socket/presence.ts']],
  ['Send messages over a web socket', ['src/socket/socket.ts', 'src/routes/messages.ts', 'test/socket.test.ts']],
  ['Reconnect when the web socket closes', ['ui/connection.ts', 'src/socket/socket.ts', 'test/socket.test.ts']],
  ['Upload pictures', ['src/routes/uploads.ts', 'src/storage/disk.ts', 'test/uploads.test.ts']],
  ['Refuse uploads over 10 MB', ['src/routes/uploads.ts', 'test/uploads.test.ts']],
  ['Search messages by words', ['src/routes/search.ts', 'src/model/message.ts', 'ui/search-box.tsx']],
  ['Dark theme', ['ui/theme.css', 'ui/theme-toggle.tsx']],
  ['Limit attempts to sign in', ['src/auth/rate-limit.ts', 'src/auth/sign-in.ts', 'test/rate-limit.test.ts']],
  ['Edit and delete own messages', ['src/routes/messages.ts', 'src/model/message.ts', 'ui/message-menu.tsx']],
  ['Notify of mentions', ['src/notify/mentions.ts', 'ui/mention.tsx', 'test/mentions.test.ts']],
  ['Move to TypeScript 5', ['package.json', 'tsconfig.json', 'src/server.ts']],
]

test.for<[request: string, means: string, file: string]>([
  [
    'Attempts to sign in should be locked after five wrong passwords',
    'Limit attempts to sign in',
    'src/auth/rate-limit.ts',
  ],
  ['rateLimit counts the wrong requests', 'Limit attempts to sign in', 'src/auth/rate-limit.ts'],
  ['The connection is lost and never comes back', 'Reconnect when the web socket closes', 'ui/connection.ts'],
  ['Uploading a large picture fails without a word', 'Refuse uploads over 10 MB', 'src/routes/uploads.ts'],
  ['Let people undo deleting a message', 'Edit and delete own messages', 'src/routes/messages.ts'],
  [
    'Stay signed in\nThe cookie should live for 30 days instead of one.',
    'Keep the session in a cookie',
    'src/auth/session.ts',
  ],
  ['theme-toggle forgets what was chosen', 'Dark theme', 'ui/theme-toggle.tsx'],
  ['Highlight what was searched for in the messages', 'Search messages by words', 'src/routes/search.ts'],
])('%s: “%s”, and %s is worth a look', async ([query, means, file]) => {
  const dir = await mkdtemp(join(tmpdir(), 'slc-retrieval-'))
  using store = openStore(join(dir, 'memory.sqlite'), 'stream')
  const entries = history.flatMap(([title, files], i) => {
    const commit = String(i).padStart(40, '0')
    const at = new Date(i * 86_400_000).toISOString()
    return (
      historyEntry({ commit, at, title, body: '', files, commits: [commit], reverts: [], byRobot: false }, 'p1') ?? []
    )
  })
  store.keepHistory('p1', { entries, reverts: [], head: historyId('x') })

  const { hits, files } = store.search({ projectId: 'p1', query, limit: 3 })

  expect(hits.map(({ title }) => title)).toContain(means)
  expect(files.slice(0, 5).map(({ path }) => path)).toContain(file)
  await rm(dir, { recursive: true })
})
