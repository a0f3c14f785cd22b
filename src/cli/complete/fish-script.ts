import { allNodes, type CommandNode, type Flag } from './command-tree.ts'

/** The completion of fish. */
export function fishScript(tree: CommandNode): string {
  const nodes = allNodes(tree)
  return `# fish completion of whs, as its command "completion fish" prints it
function __whs_at
    set -l at ''
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch "$at $word"
${nodes.flatMap(valueCases).join('\n')}
        end
        switch "$at/$word"
${nodes.flatMap(stepCases).join('\n')}
        end
    end
    test "$at" = "$argv[1]"
end
${nodes.flatMap(lines).join('\n')}
`
}

function stepCases({ path, commands }: CommandNode): string[] {
  return commands.map(({ path: next, aliases }) => {
    const patterns = [next.at(-1) as string, ...aliases].map(word => quote(`${path.join(' ')}/${word}`))
    return `            case ${patterns.join(' ')}\n                set at ${quote(next.join(' '))}`
  })
}

function valueCases({ path, flags }: CommandNode): string[] {
  const names = flags.filter(({ takesValue }) => takesValue).flatMap(flag => flag.names)
  if (names.length === 0) return []
  return [
    `            case ${names.map(name => quote(`${path.join(' ')} ${name}`)).join(' ')}\n                set skip 1`,
  ]
}

function lines({ path, commands, flags }: CommandNode): string[] {
  const at = `complete -c whs -n ${quote(`__whs_at ${quote(path.join(' '))}`)}`
  return [
    ...commands.map(({ path: next, summary }) => `${at} -f -a ${quote(next.at(-1) as string)} -d ${quote(summary)}`),
    ...flags.map(flag => `${at} ${flagWords(flag)}`),
  ]
}

function flagWords({ names, summary, takesValue, choices }: Flag): string {
  const words = names.map(name => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
  if (takesValue) words.push('-r')
  if (choices.length > 0) words.push('-f', '-a', quote(choices.join(' ')))
  return [...words, '-d', quote(summary)].join(' ')
}

function quote(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`
}
