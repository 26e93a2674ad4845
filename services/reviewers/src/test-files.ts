/** Tests as text: which files hold them, how many, and the lines by which one is skipped. Enough to notice that one is gone. */

type Language = {
  /** Where this language's tests are. */
  files: RegExp
  /** A test that is declared. */
  test: RegExp
  skips: RegExp[]
  /** A line that is only a comment. */
  comment: RegExp
}

const slashes = /^\s*(?:\/\/|\/?\*)/
const hash = /^\s*#(?!\[)/

const languages: Language[] = [
  {
    files:
      /(?:\.(?:test|spec|cy|e2e)\.[cm]?[jt]sx?|(?:^|\/)(?:tests?|__tests__|specs?|e2e|cypress)\/.*\.[cm]?[jt]sx?)$/,
    test: /(?<![\w$.])(?:Deno\.|t\.)?(?:it|test|specify)(?:\.\w+)*\s*[(`]/g,
    skips: [
      /(?<![\w$])(?:it|test|describe|suite|context|specify|bench)(?:\.\w+)*\.(?:skip(?:If)?|runIf|only|todo|fixme|fails|failing)\b/,
      /(?<![\w$.])(?:xit|xtest|xdescribe|xcontext|fit|fdescribe)\s*[(.`]/,
      /(?<![\w$.])(?:t|ctx|context|this)\.(?:skip|todo)\s*\(/,
      // Options of node:test, on the line of the test or on one of their own.
      /(?<![\w$.])(?:it|test|describe|suite)(?:\.\w+)*\s*\(.*[{,]\s*(?:skip|todo|only)\s*:\s*(?!false)/,
      /^\s*(?:skip|todo|only)\s*:\s*true\b/,
    ],
    comment: slashes,
  },
  {
    files: /(?:^|\/)(?:test_[^/]*|[^/]*_test|conftest)\.py$|(?:^|\/)tests?\/.*\.py$/,
    test: /^\s*(?:async\s+)?def\s+test/gm,
    skips: [
      /@(?:pytest\.)?(?:mark\.)?(?:skip|skipif|xfail)\b/,
      /@(?:unittest\.)?(?:skip\w*|expectedFailure)\b/,
      /\bpytest\.(?:skip|xfail)\s*\(/,
      /\.skipTest\s*\(/,
      /^\s*pytestmark\s*=.*\b(?:skip|xfail)/,
    ],
    comment: hash,
  },
  {
    files: /\.rs$/,
    test: /#\[(?:\w+::)*test\b/g,
    skips: [/#\[ignore\b/, /#\[cfg_attr\(.*\bignore\b/],
    comment: slashes,
  },
  {
    files: /_test\.go$/,
    test: /^func\s+(?:Test|Fuzz|Example)/gm,
    skips: [/\b[tbf]\.Skip(?:f|Now)?\s*\(/],
    comment: slashes,
  },
  {
    files: /(?:^|\/)src\/(?:\w*[tT]est)\/.*\.(?:java|kt|groovy|scala)$|Tests?\.(?:java|kt)$/,
    test: /@(?:\w+\.)*(?:Test|ParameterizedTest|RepeatedTest)\b/g,
    skips: [/@(?:\w+\.)*(?:Disabled|Ignore)\w*/],
    comment: slashes,
  },
  {
    files: /Tests?\.cs$/,
    test: /\[(?:Fact|Theory|Test|TestMethod|TestCase)\b/g,
    skips: [/\[(?:Fact|Theory)\s*\(.*\bSkip\s*=/, /\[Ignore\b/],
    comment: slashes,
  },
  {
    files: /_(?:spec|test)\.rb$|(?:^|\/)test_[^/]*\.rb$/,
    test: /^\s*(?:it\s*['"]|specify\b|test\s+['"]|def\s+test_)/gm,
    skips: [/^\s*(?:xit|xspecify|xdescribe|xcontext|fit|fdescribe|fcontext|skip|pending)\b/],
    comment: hash,
  },
]

const languageOf = (path: string): Language | undefined => languages.find(({ files }) => files.test(path))

/** How many tests a file declares; comments do not count, so neither does a test that was commented out. */
export function testsIn(path: string, text: string): number {
  const language = languageOf(path)
  if (!language) return 0
  const lines = text.split('\n').filter((line) => !language.comment.test(line))
  return [...lines.join('\n').matchAll(language.test)].length
}

/** Does this line keep a test, or all others, from running? */
export function isSkip(path: string, line: string): boolean {
  const language = languageOf(path)
  if (!language || language.comment.test(line)) return false
  return language.skips.some((skip) => skip.test(line))
}
