/** The page begins here. */
import '@mantine/core/styles.css'
import './page.css'
import './keys/keys.css'
import { MantineProvider } from '@mantine/core'
import { createRoot } from 'react-dom/client'
import { getSession } from './api.ts'
import { App } from './app.tsx'
import { listen } from './bus.ts'
import { LiveContext } from './live/hooks.ts'
import { startLive } from './live/live.ts'
import { theme } from './theme.ts'

const sources = { session: getSession, listen }
const left = new AbortController()
window.addEventListener('pagehide', () => left.abort(), { once: true })
// A page taken back out of the browser's store has no connection any more.
window.addEventListener('pageshow', (event) => event.persisted && location.reload())

const root = document.getElementById('root')
if (!root) throw new Error('The page has no root.')
createRoot(root).render(
  <MantineProvider theme={theme} defaultColorScheme="auto">
    <LiveContext value={startLive(sources, left.signal)}>
      <App />
    </LiveContext>
  </MantineProvider>,
)
