/** Every key the page knows, as the help lists them. */
export const shortcuts: readonly { where: string; keys: readonly (readonly [key: string, what: string])[] }[] = [
  {
    where: 'Everywhere',
    keys: [
      ['Ctrl K', 'go to a story, a page, an action'],
      ['?', 'these keys'],
      ['g i', 'inbox'],
      ['g b', 'board'],
      ['g s', 'services'],
      ['g m', 'money'],
      ['n', 'new story, on the board'],
    ],
  },
  {
    where: 'Inbox',
    keys: [
      ['j  k', 'next, previous'],
      ['Enter', 'into the item'],
      ['Esc', 'back to the list'],
      ['a', 'approve, or what unblocks it'],
      ['s', 'send back: say what should change'],
      ['Ctrl Enter', 'send what you typed'],
      ['u', 'undo, for a few seconds'],
      ['o', 'open the story'],
    ],
  },
  {
    where: 'Story',
    keys: [
      ['m', 'say something to whoever works'],
      ['z', 'pause, or resume'],
    ],
  },
  {
    where: 'Changes',
    keys: [
      ['n  p', 'next, previous finding'],
      [']  [', 'next, previous file'],
      ['v', 'side by side, or one column'],
      ['w', 'whitespace'],
      ['x', 'fold or unfold the file'],
    ],
  },
]
