/** The board in the browser: pins and removes notes, shows all, posted or drafts. */

const composer = document.querySelector('.composer')

composer?.addEventListener('submit', async (event) => {
  event.preventDefault()
  const fields = new FormData(composer, event.submitter)
  await send('/api/notes', { method: 'POST', body: JSON.stringify(Object.fromEntries(fields)) })
})

document.querySelector('.notes')?.addEventListener('click', async (event) => {
  const note = event.target.closest('.remove')?.closest('.note')
  if (note) await send(`/api/notes/${note.dataset.id}`, { method: 'DELETE' })
})

document.querySelector('.filters')?.addEventListener('click', (event) => {
  const chosen = event.target.closest('[data-filter]')
  if (!chosen) return
  for (const button of document.querySelectorAll('[data-filter]')) button.setAttribute('aria-pressed', String(button === chosen))
  for (const note of document.querySelectorAll('.note')) note.hidden = !['all', note.dataset.state].includes(chosen.dataset.filter)
})

async function send(path, request) {
  const answer = await fetch(path, { headers: { 'content-type': 'application/json' }, ...request })
  if (answer.ok) return location.reload()
  document.querySelector('.problem').textContent = (await answer.json()).error
}
