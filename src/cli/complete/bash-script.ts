import { allNodes, type CommandNode, wordsAfter } from './command-tree.ts'

/** The completion of bash (4 or newer, or 3.2 of macOS). */
export function bashScript(tree: CommandNode): string {
  const nodes = allNodes(tree)
  return `# bash completion of whs, as its command "completion bash" prints it
_whs_step() {
  case "$1/$2" in
${nodes.flatMap(stepCases).join('\n')}
  *) return 1 ;;
  esac
}
_whs_value() {
  case "$1 $2" in
${nodes.flatMap(valueCases).join('\n')}
  *) return 1 ;;
  esac
}
_whs() {
  local at= word index=1 choices= words= flags=
  local cur="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while [ "$index" -lt "$COMP_CWORD" ]; do
    word="\${COMP_WORDS[index]}"
    index=$((index + 1))
    case "$word" in
    -*)
      if _whs_value "$at" "$word"; then
        if [ "$index" -ge "$COMP_CWORD" ]; then
          [ -n "$choices" ] && COMPREPLY=($(compgen -W "$choices" -- "$cur"))
          return 0
        fi
        index=$((index + 1))
      fi
      ;;
    *) _whs_step "$at" "$word" ;;
    esac
  done
  case "$at" in
${nodes.map(wordCase).join('\n')}
  esac
  case "$cur" in
  -*) COMPREPLY=($(compgen -W "$flags" -- "$cur")) ;;
  *) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
  esac
}
complete -o default -F _whs whs
`
}

/** From a command by a word to the next one. */
function stepCases({ path, commands }: CommandNode): string[] {
  return commands.map(({ path: next, aliases }) => {
    const patterns = [next.at(-1), ...aliases].map(word => `'${path.join(' ')}/${word}'`)
    return `  ${patterns.join(' | ')}) at='${next.join(' ')}' ;;`
  })
}

/** Flags that take a value, with the values where they are known. */
function valueCases({ path, flags }: CommandNode): string[] {
  return flags
    .filter(({ takesValue }) => takesValue)
    .map(({ names, choices }) => {
      const patterns = names.map(name => `'${path.join(' ')} ${name}'`)
      return `  ${patterns.join(' | ')}) choices='${choices.join(' ')}' ;;`
    })
}

function wordCase(node: CommandNode): string {
  const flags = node.flags.flatMap(({ names }) => names).join(' ')
  return `  '${node.path.join(' ')}') words='${wordsAfter(node).join(' ')}' flags='${flags}' ;;`
}
