/** The board: the page that shows every note. */
import { ago } from './ago.ts'
import { html, type SafeHtml } from './html.ts'
import { BODY_MAX, type Note, TITLE_MAX } from './notes.ts'
import { page } from './page.ts'

/** The whole page, newest note first. */
export function boardPage(notes: Note[], now: Date): SafeHtml {
  return page('Corkboard', html`
    ${masthead()}
    <main>
      ${toolbar()}
      ${composer()}
      ${notes.length === 0 ? emptyBoard() : html`<section class="notes" aria-label="Notes">${notes.map((note) => noteCard(note, now))}</section>`}
    </main>
  `)
}

function masthead(): SafeHtml {
  return html`
    <header class="masthead">
      <h1><a href="/">Corkboard</a></h1>
      <p class="tagline">Notes and drafts, pinned where you can see them.</p>
    </header>
  `
}

function toolbar(): SafeHtml {
  return html`
    <nav class="toolbar" aria-label="Board">
      <div class="filters" role="group" aria-label="Show">
        <button type="button" data-filter="all" aria-pressed="true">All</button>
        <button type="button" data-filter="posted" aria-pressed="false">Posted</button>
        <button type="button" data-filter="draft" aria-pressed="false">Drafts</button>
      </div>
    </nav>
  `
}

function composer(): SafeHtml {
  return html`
    <form class="composer" aria-label="New note">
      <input name="title" required maxlength="${TITLE_MAX}" placeholder="What is on your mind?" aria-label="Title">
      <textarea name="body" rows="2" maxlength="${BODY_MAX}" placeholder="Say more, if you like." aria-label="Text"></textarea>
      <div class="composer-actions">
        <p class="problem" role="alert"></p>
        <button type="submit" name="state" value="draft" class="quiet">Keep as draft</button>
        <button type="submit" name="state" value="posted">Pin it</button>
      </div>
    </form>
  `
}

/** One note as the board shows it. */
export function noteCard(note: Note, now: Date): SafeHtml {
  return html`
    <article class="note" data-id="${note.id}" data-state="${note.state}">
      <h2>${note.title}</h2>
      <p class="note-body">${note.body}</p>
      <footer>
        ${note.state === 'draft' && html`<span class="badge">Draft</span>`}
        <time datetime="${note.updatedAt}">${ago(note.updatedAt, now)}</time>
        <a href="/notes/${note.id}/download">Download</a>
        <button type="button" class="remove" aria-label="Remove “${note.title}”">Remove</button>
      </footer>
    </article>
  `
}

function emptyBoard(): SafeHtml {
  return html`
    <section class="empty">
      <h2>Nothing is pinned yet</h2>
      <p>Write the first note above.</p>
    </section>
  `
}
