/** Configuration of what judges: linters, types, test runners, coverage. Whole files, and parts of manifests. */
import { basename } from 'node:path'
import { manifestOf } from './package-scripts.ts'

const FILES = [
  // Linters and formatters.
  /^\.?eslintrc(\..+)?$|^eslint\.config\.\w+$|^\.eslintignore$/,
  /^biome\.jsonc?$|^\.?oxlintrc\.jsonc?$|^oxlint\.config\.\w+$|^tslint\.json$|^deno\.jsonc?$/,
  /^\.prettierrc(\..+)?$|^prettier\.config\.\w+$|^\.prettierignore$|^\.stylelintrc(\..+)?$|^stylelint\.config\.\w+$/,
  /^\.?ruff\.toml$|^\.flake8$|^\.?pylintrc(\.toml)?$|^\.?clippy\.toml$|^\.?rustfmt\.toml$|^\.golangci\.(ya?ml|toml|json)$/,
  /^\.rubocop.*\.yml$|^checkstyle.*\.xml$|^detekt.*\.ya?ml$|^\.swiftlint\.yml$|^phpcs\.xml(\.dist)?$|^\.pre-commit-config\.yaml$/,
  // Types.
  /^[jt]sconfig(\..+)?\.json$|^\.?mypy\.ini$|^pyrightconfig\.json$|^phpstan\.neon(\.dist)?$/,
  // Test runners, and how much they must cover.
  /^(vitest|jest|ava|playwright|cypress|karma|wdio)\.(config|conf|workspace|setup)\.\w+$|^\.mocharc(\..+)?$|^\.taprc$/,
  /^\.?(nyc|c8)rc(\..+)?$|^nyc\.config\.\w+$|^\.?codecov\.ya?ml$|^\.coveragerc$|^\.rspec$|^phpunit\.xml(\.dist)?$/,
  /^pytest\.ini$|^tox\.ini$|^setup\.cfg$|^noxfile\.py$/,
  // How the package manager runs scripts: another shell, no scripts, another registry.
  /^\.npmrc$|^\.yarnrc(\.yml)?$|^bunfig\.toml$|^\.pnpmfile\.cjs$/,
]

export const isJudgingConfig = (path: string): boolean => FILES.some((name) => name.test(basename(path)))

const MANIFEST_KEYS = [
  ...[
    'eslintConfig',
    'eslintIgnore',
    'prettier',
    'stylelint',
    'xo',
    'standard',
    'jest',
    'vitest',
    'ava',
    'mocha',
    'tap',
  ],
  ...['c8', 'nyc', 'lint-staged'],
]
const TOML_SECTIONS =
  /^\[+(?:tool\.(?:ruff|pytest|mypy|coverage|pylint|pyright|black|flake8|isort|tox|bandit)|(?:workspace\.)?lints)[.\]]/

/** The part of a manifest that says how it is judged, as text to compare. */
export function judgingPart(path: string, text: string | null): string {
  const name = basename(path)
  if (name === 'package.json') {
    const manifest = manifestOf(text)
    const parts = MANIFEST_KEYS.filter((key) => key in manifest)
    return parts.map((key) => `"${key}": ${JSON.stringify(manifest[key])}`).join('\n')
  }
  if (name === 'pyproject.toml' || name === 'Cargo.toml') return sections(text ?? '')
  // Vite's file is its own; only where it holds the test runner's does it judge.
  return /^vite\.config\.\w+$/.test(name) && /\btest\s*:/.test(text ?? '') ? (text ?? '') : ''
}

function sections(toml: string): string {
  let inside = false
  return toml
    .split('\n')
    .filter((line) => {
      if (line.startsWith('[')) inside = TOML_SECTIONS.test(line)
      return inside && line.trim() !== ''
    })
    .join('\n')
}
