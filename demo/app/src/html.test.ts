import assert from 'node:assert/strict'
import { test } from 'node:test'
import { escapeHtml, html, raw } from './html.ts'

test('what a person typed is shown as it was typed, never run', () => {
  assert.equal(html`<p>${'<script>alert(1)</script>'}</p>`.markup, '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>')
})

test('a quote cannot leave its attribute', () => {
  assert.equal(html`<a title="${'" onclick="x'}">`.markup, '<a title="&quot; onclick=&quot;x">')
})

test('markup inside markup is kept, also in lists', () => {
  assert.equal(html`<ul>${['a', 'b'].map((item) => html`<li>${item}</li>`)}</ul>`.markup, '<ul><li>a</li><li>b</li></ul>')
})

test('nothing comes of what is not there', () => {
  assert.equal(html`[${null}${undefined}${false}${0}]`.markup, '[0]')
})

test('raw markup is left as it is', () => {
  assert.equal(html`${raw('<hr>')}`.markup, '<hr>')
  assert.equal(escapeHtml(`<a href='x'>&</a>`), '&lt;a href=&#39;x&#39;&gt;&amp;&lt;/a&gt;')
})
