/** What is no JSON: artifacts, the entrance of the page, the contracts themselves. */
import { Artifact } from '@sluice/proto/parts.ts'
import { z } from 'zod'
import { bytes, json, type Route, text } from '../route.ts'
import * as sample from '../samples.ts'

const params = { hash: 'The sha256 of the bytes, lower case.' }

export const fileRoutes: Route[] = [
  {
    ...{ method: 'get', path: '/artifacts/:hash', id: 'getArtifact', tag: 'Artifacts', asker: 'house', params },
    summary: 'A document, picture, log or recording by its content',
    query: {
      as: text('Shown as this type if it is one that cannot run: image/png, image/jpeg, image/webp, text/plain.'),
    },
    replies: {
      200: { says: 'The bytes. The same name never means others.', content: bytes('application/octet-stream') },
    },
    refuses: { 404: 'There is no such artifact.' },
  },
  {
    ...{ method: 'put', path: '/artifacts/:hash', id: 'putArtifact', tag: 'Artifacts', asker: 'house', params },
    summary: 'Keep bytes under their hash',
    body: bytes('application/octet-stream'),
    replies: { 200: { says: 'They are kept.', content: json(Artifact, sample.artifact) } },
    refuses: { 400: 'The bytes are not what their name says.', 413: 'They are more than 64 MB.' },
  },
  {
    ...{ method: 'get', path: '/api/contracts/:document', id: 'contract', tag: 'House', asker: 'person' },
    summary: 'This contract, and that of the bus',
    params: { document: '`openapi.json` or `asyncapi.json`.' },
    replies: {
      200: {
        says: 'OpenAPI 3.1 or AsyncAPI 3.0.',
        content: json(z.record(z.string(), z.unknown()), { openapi: '3.1.0' }),
      },
    },
    refuses: { 404: 'There is no such contract.' },
  },
  {
    ...{ method: 'get', path: '/', id: 'enter', tag: 'Page', asker: 'anyone', summary: 'The page, and its entrance' },
    query: { token: text('The session token: it becomes a cookie, so that it stands in no address that is kept.') },
    replies: {
      200: { says: 'The page.', content: bytes('text/html') },
      302: { says: 'With the right token: to the page, with the cookie.' },
    },
    refuses: { 401: 'This is not the token of this house.' },
  },
]
