/** The same levels as a script for each shell. */
import type { Level } from './tree.ts'

export type Shell = 'bash' | 'zsh' | 'fish'

/** Asked only when a story's id is wanted: it takes as long as a verb takes to start. */
const STORIES = 'sluice completion --stories 2>/dev/null'

export const scripts: Record<Shell, (levels: readonly Level[]) => string> = { bash, zsh, fish }

const names = ({ words }: Level): string => words.map(({ word }) => word).join(' ')
/** In single quotes, for all three. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

function bash(levels: readonly Level[]): string {
  const cases = deepestFirst(levels).map((level) => {
    const stories = level.wantsStory ? ` $(${STORIES})` : ''
    return `    ${level.path === '' ? "''" : `${quoted(level.path)}*`}) words="${names(level)}${stories}" ;;`
  })
  return `# sluice: put this into ~/.bashrc:  eval "$(sluice completion bash)"
_sluice() {
  local word path='' words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do [[ $word == -* ]] || path+=" $word"; done
  case "\${path# }" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _sluice sluice
`
}

function zsh(levels: readonly Level[]): string {
  const cases = deepestFirst(levels).map((level) => {
    const described = level.words.map(({ word, about }) => quoted(about ? `${word}:${firstSentence(about)}` : word))
    const stories = level.wantsStory ? `; stories=(\${(f)"$(${STORIES})"})` : ''
    return `    ${level.path === '' ? "''" : `${quoted(level.path)}*`}) words_here=(${described.join(' ')})${stories} ;;`
  })
  return `#compdef sluice
# sluice: put this into ~/.zshrc, after compinit:  eval "$(sluice completion zsh)"
_sluice() {
  local word line=''
  local -a words_here stories
  for word in "\${words[@]:1:$((CURRENT - 2))}"; do [[ $word == -* ]] || line+=" $word"; done
  case "\${line# }" in
${cases.join('\n')}
  esac
  _describe 'sluice' words_here
  (( \${#stories} )) && compadd -- "\${stories[@]}"
}
compdef _sluice sluice
`
}

function fish(levels: readonly Level[]): string {
  const lines = levels.flatMap((level) => {
    const here = `-n ${quoted(`__sluice_${level.isVerb ? 'in' : 'at'} ${level.path}`.trim())}`
    const words = level.words.map(({ word, about }) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`
      return `complete -c sluice -f ${here} ${what}${about ? ` -d ${quoted(firstSentence(about))}` : ''}`
    })
    return level.wantsStory ? [...words, `complete -c sluice -f ${here} -a ${quoted(`(${STORIES})`)}`] : words
  })
  return `# sluice: put this into ~/.config/fish/config.fish:  sluice completion fish | source
function __sluice_typed
  set -l typed (commandline -opc | string match -v -- '-*')
  string join ' ' $typed[2..]
end
function __sluice_at
  test "$(__sluice_typed)" = "$argv"
end
function __sluice_in
  string match -q -- "$argv *" "$(__sluice_typed) "
end
${lines.join('\n')}
`
}

/** \`story show\` before \`story\`: the first that fits is taken. */
const deepestFirst = (levels: readonly Level[]): Level[] => levels.toSorted((a, b) => b.path.length - a.path.length)

const firstSentence = (text: string): string => (text.split(/(?<=[.:;]) /)[0] ?? text).replaceAll(':', ' –')
