/** What `up` says while it starts and when it is up. */
import { expect, test } from 'vitest'
import type { ChildView } from '../child.ts'
import type { House } from '../house.ts'
import { startedText, tellProgress } from './told.ts'

const child = (name: string, more: Partial<ChildView> = {}): ChildView => ({
  ...{ name, replica: '1', pid: 1, state: 'running', restarts: 0, busy: 0, lastError: null },
  ...more,
})

const house: Omit<House, keyof AsyncDisposable | 'ready' | 'scale'> = {
  ...{ origin: 'http://127.0.0.1:4747', token: 't', address: 'http://127.0.0.1:4747/?token=t' },
  project: { id: 'p', name: 'p', root: '/home/ada/p', base: 'main', demo: false },
  jail: { kind: 'bubblewrap', problem: null },
  model: {
    ...{ engine: 'anthropic', name: 'claude-opus-5-5', scripted: null },
    ...{ upstream: 'https://api.anthropic.com', budgetUsd: 5 },
  },
  busProblem: null,
  pids: () => [child('web'), child('implementer'), child('implementer', { replica: '2' })],
}
const text = (more: Partial<typeof house> = {}) => startedText({ ...house, ...more } as House)

test('where the page is, what works there, what it may cost', () => {
  expect(text()).toContain('http://127.0.0.1:4747/?token=t')
  expect(text()).toContain('/home/ada/p, branch main')
  expect(text()).toContain('claude-opus-5-5 by anthropic, with your key')
  expect(text()).toContain('$5 a story at most')
  expect(text()).toContain('web · implementer ×2')
})

test('any model but Anthropic’s is named', () => {
  const model = { ...house.model, upstream: 'http://127.0.0.1:9' }

  expect(text({ model })).toContain('Sent to  http://127.0.0.1:9, which is not Anthropic')
  expect(text()).not.toContain('not Anthropic')
})

test('without a jail it is loud', () => {
  const problem = 'User namespaces are off.'

  expect(text({ jail: { kind: 'none', problem } })).toMatch(/!! THERE IS NO JAIL.*\n.*!! User namespaces are off\./)
  expect(text()).not.toContain('!!')
})

test('a terminal sees how far it is, and nothing of it stays', () => {
  const said: string[] = []
  const progress = tellProgress({ isTTY: true, write: (line) => said.push(String(line)) > 0 })

  progress.onChange({ pids: [child('broker'), child('web', { state: 'starting' })], expected: 18 })
  progress.done()

  expect(said).toEqual(['\r\x1b[KStarting: 1 of 18 are up', '\r\x1b[K'])
})

test('once up, only what goes wrong is told, once; when it stops, nothing', () => {
  const said: string[] = []
  const progress = tellProgress({ isTTY: false, write: (line) => said.push(String(line)) > 0 })
  const gone = {
    busProblem: null,
    pids: [child('web', { pid: null, state: 'starting', lastError: 'It ended with SIGKILL.' })],
    expected: 1,
  }
  progress.done()

  progress.onChange({ pids: [child('web')], expected: 1 })
  for (const _ of [1, 2]) progress.onChange(gone)
  progress.quiet()
  progress.onChange({ ...gone, pids: [child('memory', { pid: null, lastError: 'It ended with code 0.' })] })

  expect(said).toEqual(['web is started again: It ended with SIGKILL.\n'])
})
