import { allNodes, type CommandNode, type Flag } from './command-tree.ts'

/** The completion of zsh, as a file `_whs` on `$fpath` or read by `source <(whs completion zsh)`. */
export function zshScript(tree: CommandNode): string {
  const nodes = allNodes(tree)
  return `#compdef whs
# zsh completion of whs, as its command "completion zsh" prints it
_whs() {
  local at= word index=2 choices=
  local -a commands flags
  while (( index < CURRENT )); do
    word=$words[index]
    (( index++ ))
    case $word in
    -*)
      choices=-
      case "$at $word" in
${nodes.flatMap(valueCases).join('\n')}
      esac
      if [[ $choices != - ]]; then
        if (( index >= CURRENT )); then
          if [[ -n $choices ]]; then compadd -- \${=choices}; else _files; fi
          return
        fi
        (( index++ ))
      fi
      ;;
    *)
      case "$at/$word" in
${nodes.flatMap(stepCases).join('\n')}
      esac
      ;;
    esac
  done
  case $at in
${nodes.map(wordCase).join('\n')}
  esac
  if [[ $words[CURRENT] == -* ]]; then _describe -o flag flags
  elif (( $#commands )); then _describe command commands
  else _files
  fi
}
if [[ $funcstack[1] == _whs ]]; then _whs "$@"; else compdef _whs whs; fi
`
}

function stepCases({ path, commands }: CommandNode): string[] {
  return commands.map(({ path: next, aliases }) => {
    const patterns = [next.at(-1), ...aliases].map(word => `'${path.join(' ')}/${word}'`)
    return `      ${patterns.join(' | ')}) at='${next.join(' ')}' ;;`
  })
}

function valueCases({ path, flags }: CommandNode): string[] {
  return flags
    .filter(({ takesValue }) => takesValue)
    .map(({ names, choices }) => {
      const patterns = names.map(name => `'${path.join(' ')} ${name}'`)
      return `      ${patterns.join(' | ')}) choices='${choices.join(' ')}' ;;`
    })
}

function wordCase({ path, commands, flags }: CommandNode): string {
  const words = commands.map(({ path: next, summary }) => described(next.at(-1) as string, summary))
  const dashes = flags.flatMap(({ names, summary }: Flag) => names.map(name => described(name, summary)))
  return `  '${path.join(' ')}') commands=(${words.join(' ')}); flags=(${dashes.join(' ')}) ;;`
}

function described(word: string, summary: string): string {
  return `'${word}:${summary.replaceAll("'", '’').replaceAll(':', '\\:')}'`
}
