/** REST of the person about stories: submit one, read what is, decide. */
import {
  Board,
  Keys,
  NewStory,
  PreviewView,
  RunView,
  StoryEvents,
  StreamedEvent,
  StreamState,
  Submitted,
  Trace,
} from '@sluice/proto/rest.ts'
import { Heard } from '@sluice/proto/said.ts'
import { TermEvent, TermFrame } from '@sluice/proto/term.ts'
import { z } from 'zod'
import { json, type Route, stream, text } from '../route.ts'
import * as sample from '../samples.ts'
import { commandRoutes } from './commands.ts'

const tag = 'Stories'
const asker = 'person'
const params = { id: 'The id of the story, as the board has it.' }
const PREVIEWED =
  'The address is a host of its own on the frames’ port, other at every start: who knows it may look, until it stops.'
const unknown = { 404: 'There is no such story.' }

/** The traces of OTLP, as its own specification has them. */
const Otlp = z.object({ resourceSpans: z.array(z.looseObject({})) })

export const storyRoutes: Route[] = [
  {
    ...{
      method: 'get',
      path: '/api/stories',
      id: 'listStories',
      tag,
      asker,
      summary: 'Every story as the board shows it',
    },
    replies: { 200: { says: 'Every card, and how far into STORY they go.', content: json(Board, sample.board) } },
  },
  {
    ...{ method: 'post', path: '/api/stories', id: 'submitStory', tag, asker, summary: 'Submit a story', keyed: true },
    headers: { traceparent: text('W3C Trace Context of whoever submits it: its trace and the story’s are linked.') },
    body: json(NewStory, {
      text: 'People lose their drafts when the tab closes: keep them for 30 days.',
      budgetUsd: 5,
    }),
    replies: {
      201: { says: 'It is recorded.', content: json(Submitted, { id: 'people-lose-their-drafts-1f0a9c3e52' }) },
    },
    refuses: {
      409: 'The repository cannot take a story now, the key belongs to another story, or the demo has played this one.',
      413: 'The story is longer than 64 kB.',
    },
  },
  ...commandRoutes,
  {
    ...{ method: 'get', path: '/api/stories/:id/events', id: 'storyEvents', tag, asker, params },
    summary: 'Every event of a story, in the order of the log',
    replies: {
      200: { says: 'Fold them with `evolve`; go on live after `sequence`.', content: json(StoryEvents, sample.events) },
    },
    refuses: unknown,
  },
  {
    ...{ method: 'get', path: '/api/stories/:id/runs', id: 'storyRuns', tag, asker, params },
    summary: 'What the runs of a story wrote for people, newest last',
    replies: {
      200: {
        says: 'A run is one request, however many attempts it took.',
        content: json(z.array(RunView), sample.runs),
      },
    },
    refuses: unknown,
  },
  {
    ...{ method: 'get', path: '/api/stories/:id/trace', id: 'storyTrace', tag, asker, params },
    summary: 'The story as spans over services',
    query: { as: { says: '`otlp`: as OTLP/JSON, for a collector to take in.', schema: z.literal('otlp') } },
    replies: {
      200: {
        says: 'Parents before children, milliseconds since the epoch; with `as=otlp` an ExportTraceServiceRequest.',
        content: json(z.union([Trace, Otlp]), sample.trace),
      },
    },
    refuses: unknown,
  },
  {
    ...{ method: 'get', path: '/api/events', id: 'streamEvents', tag, asker, summary: 'Every event as it is recorded' },
    about:
      'Server-sent events, each with its sequence in STORY as its id. `live` says that all recorded up to its sequence was told, `away` that the bus is gone for now; a comment every 15 seconds says that the line lives.',
    query: {
      from: text('From this sequence on, 1 for everything; otherwise from now on.'),
      storyId: text('Of this story alone.'),
    },
    headers: { 'Last-Event-ID': text('Goes on after it, where a reader broke off.') },
    replies: {
      200: {
        says: 'Each event holds this; `live` and `away` hold only `sequence`.',
        content: stream(z.union([StreamedEvent, StreamState]), sample.eventStream),
      },
    },
    refuses: { 400: 'That is no sequence.', 404: 'There is no such story.' },
  },
  {
    ...{ method: 'get', path: '/api/stories/:id/terminal', id: 'watchTerminals', tag, asker, params },
    summary: 'The terminals of a story while they run',
    about:
      'Server-sent events until the story ends: `frame` with what a terminal shows, first each screen as it is; `alive` every few seconds. What is said once is stored nowhere: the recording is an artifact.',
    replies: {
      200: {
        says: 'Each `frame` holds this.',
        content: stream(
          TermEvent,
          `event: frame\ndata: ${JSON.stringify(sample.termEvent)}\n\nevent: alive\ndata: \n\n`,
        ),
      },
    },
    refuses: unknown,
  },
  {
    ...{ method: 'post', path: '/api/stories/:id/runs/:source/:runId/keys', id: 'typeKeys', tag, asker },
    summary: 'Type into the terminal of a running agent',
    about:
      'Only a program on a terminal takes keys. Nothing is recorded but what stands on the screen, and in the run that a person typed.',
    params: { ...params, source: 'The role that runs.', runId: 'The request it works on.' },
    body: json(Keys, { data: 'y\r' }),
    replies: { 200: { says: 'They have arrived.', content: json(Heard, { heard: true }) } },
    refuses: { 404: 'There is no such story.', 409: 'Nobody is at work in this run, or who is has no terminal.' },
  },
  {
    ...{ method: 'get', path: '/api/stories/:id/runs/:source/:runId/screen', id: 'runScreen', tag, asker },
    summary: 'What stands on the screen of a running agent now',
    params: { ...params, source: 'The role that runs.', runId: 'The request it works on.' },
    replies: { 200: { says: 'All of the screen.', content: json(TermFrame, sample.termEvent.frame) } },
    refuses: { 404: 'There is no such story, or the run shows no terminal now.' },
  },
  {
    ...{ method: 'get', path: '/api/stories/:id/preview', id: 'showPreview', tag, asker, params },
    summary: 'Whether the app of a story runs for the person to look at',
    replies: { 200: { says: PREVIEWED, content: json(PreviewView, sample.preview) } },
    refuses: unknown,
  },
  {
    ...{ method: 'post', path: '/api/stories/:id/preview', id: 'startPreview', tag, asker, params },
    summary: 'Start the app of a story',
    about:
      'Checks out what the story has built last, sets it up and runs the `preview` command of sluice.yaml in a jail of its own, with the port to listen on as `PORT`. Answered at once: ask again how far it is. Asked again it goes on, or makes place for a newer build. It stops when nobody has looked for ten minutes.',
    replies: { 200: { says: PREVIEWED, content: json(PreviewView, sample.preview) } },
    refuses: { ...unknown, 409: 'The project says no preview command, or the story has built nothing yet.' },
  },
  {
    ...{ method: 'delete', path: '/api/stories/:id/preview', id: 'stopPreview', tag, asker, params },
    summary: 'Stop the app of a story',
    replies: { 200: { says: 'It is off.', content: json(PreviewView, sample.previewOff) } },
    refuses: unknown,
  },
]
