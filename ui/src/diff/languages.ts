/** Which language a file is in, and its grammar, loaded when the first such file is looked at. */
import type { LanguageFn } from 'highlight.js'

type Grammar = () => Promise<{ default: LanguageFn }>

const grammars = {
  bash: () => import('highlight.js/lib/languages/bash'),
  c: () => import('highlight.js/lib/languages/c'),
  cpp: () => import('highlight.js/lib/languages/cpp'),
  csharp: () => import('highlight.js/lib/languages/csharp'),
  css: () => import('highlight.js/lib/languages/css'),
  diff: () => import('highlight.js/lib/languages/diff'),
  dockerfile: () => import('highlight.js/lib/languages/dockerfile'),
  elixir: () => import('highlight.js/lib/languages/elixir'),
  go: () => import('highlight.js/lib/languages/go'),
  graphql: () => import('highlight.js/lib/languages/graphql'),
  ini: () => import('highlight.js/lib/languages/ini'),
  java: () => import('highlight.js/lib/languages/java'),
  javascript: () => import('highlight.js/lib/languages/javascript'),
  json: () => import('highlight.js/lib/languages/json'),
  kotlin: () => import('highlight.js/lib/languages/kotlin'),
  lua: () => import('highlight.js/lib/languages/lua'),
  makefile: () => import('highlight.js/lib/languages/makefile'),
  markdown: () => import('highlight.js/lib/languages/markdown'),
  perl: () => import('highlight.js/lib/languages/perl'),
  php: () => import('highlight.js/lib/languages/php'),
  python: () => import('highlight.js/lib/languages/python'),
  ruby: () => import('highlight.js/lib/languages/ruby'),
  rust: () => import('highlight.js/lib/languages/rust'),
  scala: () => import('highlight.js/lib/languages/scala'),
  scss: () => import('highlight.js/lib/languages/scss'),
  sql: () => import('highlight.js/lib/languages/sql'),
  swift: () => import('highlight.js/lib/languages/swift'),
  typescript: () => import('highlight.js/lib/languages/typescript'),
  xml: () => import('highlight.js/lib/languages/xml'),
  yaml: () => import('highlight.js/lib/languages/yaml'),
} satisfies Record<string, Grammar>

export type Language = keyof typeof grammars

export const grammarOf = (language: Language): ReturnType<Grammar> => grammars[language]()

/** Extensions by language, space between them; those that are the language's own name need no entry. */
const extensions: Partial<Record<Language, string>> = {
  bash: 'sh bash zsh ksh',
  c: 'c h',
  cpp: 'cpp cc cxx hpp hh',
  csharp: 'cs',
  css: 'css',
  diff: 'diff patch',
  elixir: 'ex exs',
  graphql: 'graphql gql',
  ini: 'ini toml cfg conf properties',
  javascript: 'js mjs cjs jsx',
  json: 'json jsonc json5 jsonl webmanifest',
  kotlin: 'kt kts',
  makefile: 'mk',
  markdown: 'md mdx markdown',
  perl: 'pl pm',
  python: 'py pyi',
  ruby: 'rb rake gemspec',
  rust: 'rs',
  scss: 'scss sass less',
  typescript: 'ts mts cts tsx',
  xml: 'xml html htm svg vue svelte astro plist',
  yaml: 'yaml yml',
}

const byExtension = new Map<string, Language>(
  (Object.keys(grammars) as Language[]).flatMap((language) =>
    (extensions[language] ?? language).split(' ').map((extension) => [extension, language] as const),
  ),
)

const byName: Readonly<Record<string, Language>> = { dockerfile: 'dockerfile', makefile: 'makefile', gemfile: 'ruby' }

export function languageOf(path: string): Language | null {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase()
  return byName[name] ?? byExtension.get(name.slice(name.lastIndexOf('.') + 1)) ?? null
}
