/** What every role after the analyst is told of what was approved. */
import { expect, test } from 'vitest'
import { approvedText } from './approved-text.ts'

const requirements = {
  ...{ title: 'Greet', userStories: ['As a guest, I am greeted.'], outOfScope: ['Farewells'] },
  criteria: [{ id: 'C1', text: 'It shall greet.' }],
  assumptions: ['One name'],
  contradictions: [{ criteria: ['C1'], problem: 'The type allows no name.' }],
}

test('all that was approved is told, and what was answered', () => {
  const answers = [{ id: 'Q1', text: 'Whom?', answer: 'All' }]

  expect(approvedText({ approved: { requirements }, answers })).toEqual([
    '<user-stories>\nAs a guest, I am greeted.\n</user-stories>',
    '<criteria>\nC1 It shall greet.\n</criteria>',
    '<out-of-scope>\nFarewells\n</out-of-scope>',
    '<assumptions>\nOne name\n</assumptions>',
    '<known-contradictions>\nC1: The type allows no name.\n</known-contradictions>',
    '<answer question="Whom?">\nAll\n</answer>',
  ])
})

test('what there is nothing of is left out', () => {
  const bare = { ...requirements, outOfScope: [], assumptions: [], contradictions: [] }

  expect(approvedText({ approved: { requirements: bare }, answers: [] })).toHaveLength(2)
})
