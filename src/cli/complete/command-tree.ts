import type { Command } from 'commander'

/** A command as completion sees it. */
export interface CommandNode {
  /** The words that lead here, by their full names: empty for the program itself. */
  path: string[]
  /** Other words that lead here from the parent. */
  aliases: string[]
  summary: string
  commands: CommandNode[]
  flags: Flag[]
}
export interface Flag {
  /** `--output`, `-y`. */
  names: string[]
  summary: string
  takesValue: boolean
  /** The values it takes, where they are known. */
  choices: string[]
}

/** The commands and flags that help shows, as a tree. The global flags hold everywhere. */
export function commandTree(program: Command): CommandNode {
  return nodeOf(program, [], flagsOf(program))
}

function nodeOf(command: Command, path: string[], globals: Flag[]): CommandNode {
  const own = path.length === 0 ? [] : flagsOf(command)
  const commands = command
    .createHelp()
    .visibleCommands(command)
    .filter(one => one.name() !== 'help')
    .map(one => nodeOf(one, [...path, one.name()], globals))
  return {
    path,
    aliases: command.aliases(),
    summary: command.summary() || command.description(),
    commands,
    flags: [...own, ...globals],
  }
}

function flagsOf(command: Command): Flag[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(option => ({
      names: [option.long, option.short].filter(name => name !== undefined),
      summary: option.description,
      takesValue: option.required || option.optional,
      choices: option.argChoices ?? [],
    }))
    .filter(({ names }) => command.parent === null || !names.includes('--help'))
}

/** Every command of a tree, the program itself first. */
export function allNodes(node: CommandNode): CommandNode[] {
  return [node, ...node.commands.flatMap(allNodes)]
}

/** The words that may follow a command, by their full names alone. */
export function wordsAfter({ commands }: CommandNode): string[] {
  return commands.map(({ path }) => path.at(-1) as string)
}
