import { Command, Option } from 'commander'
import { exits, WhsError } from '../core/errors.ts'
import { didYouMean } from '../core/text.ts'
import { example } from '../providers/_example.ts'
import { commandsOfActivations } from './catalogue/activations.ts'
import { commandsToConnect } from './catalogue/connect.ts'
import { commandsOfEvents } from './catalogue/events.ts'
import { commandsOfTheHouse } from './catalogue/house.ts'
import { commandsOfTenants } from './catalogue/tenants.ts'
import { commandsOfTravel } from './catalogue/travel.ts'
import type { Io, RealIoOptions } from './io.ts'
import { command as fitCommand } from './render/command.ts'

export interface ProgramDeps {
  versionOf(): string
  /** How this program is called here. */
  self(): string
  /** Makes the terminal object from the global options, once. */
  context(options: RealIoOptions): Io
  done(exitCode: number): void
}

/** The global options as every command gets them, beside its own. */
export interface GlobalOptions {
  output?: string
  color?: boolean
  yes?: boolean
  debug?: boolean
  demo?: boolean
}

/** A command's work: given the terminal, its options and its arguments, the exit code. */
export type Run<Options> = (
  context: { io: Io; version: string; demo: boolean; program: Command },
  options: Options,
  ...args: never[]
) => Promise<number>

/** Every command, listed once. What a command needs is imported when it runs, so that help and version answer at once. */
export function makeProgram(deps: ProgramDeps): Command {
  const program = new Command('whs')
  program
    .description('Webhooks of many tenants on your machine: authorise, receive, derive the tenant, relay, replay.')
    .version(deps.versionOf(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--demo', 'work in the demo’s own store')
    .addOption(
      new Option('--output <form>', 'text (default on a terminal) or json').choices(['text', 'json']).env('WHS_OUTPUT'),
    )
    .option('--no-color', 'no colours (also NO_COLOR)')
    .option('-y, --yes', 'never ask; what is missing is an error')
    .option('--debug', 'show where an error came from')
    .showSuggestionAfterError(true)
    .configureHelp({ showGlobalOptions: false, sortSubcommands: false })
    .configureOutput({ outputError: text => refuse(program, text) })
    .exitOverride()
    .addHelpText('after', () => fitCommand({ self: deps.self() }, mainHelp))

  const add = (parent: Command, usage: string, summary: string, examples: string[]): Command => {
    const command = parent.command(usage).description(summary).exitOverride()
    command.configureOutput({ outputError: text => refuse(command, text) })
    const help = `\nExamples:\n${examples.map(line => `  ${line}`).join('\n')}`
    command.addHelpText('after', () => fitCommand({ self: deps.self() }, help))
    return command
  }
  const run =
    (load: () => Promise<unknown>, name: string) =>
    async (...all: unknown[]): Promise<void> => {
      const command = all.pop() as Command
      all.pop()
      refuseUnknown(command)
      const options = command.optsWithGlobals<GlobalOptions>()
      const io = deps.context(options)
      const module = (await load()) as Record<string, Run<object>>
      const context = { io, version: deps.versionOf(), demo: options.demo === true, program }
      deps.done(await (module[name] as Run<object>)(context, options, ...(all as never[])))
    }

  const catalogue = { program, add, run }
  commandsToConnect(catalogue)
  commandsOfTenants(catalogue)
  commandsOfActivations(catalogue)
  commandsOfEvents(catalogue)
  commandsOfTravel(catalogue)
  commandsOfTheHouse(catalogue)
  return program
}

/** A group such as `tenants` lists by itself; a word behind it that is none of its commands is a mistake. */
function refuseUnknown(command: Command): void {
  const [word] = command.args
  if (command.commands.length === 0 || word === undefined) return
  const names = command.commands.map(one => one.name())
  const near = didYouMean(word, names)
  throw new WhsError({
    code: 'unknown-command',
    exit: exits.usage,
    what: `unknown command '${command.name()} ${word}'`,
    why: near.length > 0 ? `did you mean ${near.join(' or ')}?` : `${command.name()} has ${names.join(', ')}`,
    next: `whs ${command.name()} --help`,
  })
}

/** Commander's message as an error of ours. @throws WhsError `usage` (exit 2) */
function refuse(command: Command, text: string): never {
  const [first = '', ...rest] = text.trim().split('\n')
  const what = first.replace(/^error: /, '')
  const near = rest.join(' ').replace(/^\(|\)$/g, '')
  const path = pathOf(command)
  const isMisplaced = command.parent === null && what.startsWith('unknown option')
  const usage = isMisplaced
    ? 'what belongs to a command comes after it, as in: whs events --tenant acme'
    : `it is used so: ${path} ${command.usage()}`
  const why = near ? near.replace(/^Did/, 'did') : usage
  throw new WhsError({ code: 'usage', exit: exits.usage, what, why, next: `${path} --help` })
}

/** A command as it is typed, such as `whs tenants map`. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}

const mainHelp = `
Examples:
  whs demo                                    the whole loop, no account needed
  whs setup ${example.provider}                        a real app, step by step
  whs connect ${example.provider} --tenant acme        a tenant authorises
  whs listen --forward localhost:3000         receive, resolve, forward
  whs events --tenant acme --since 2h         what came
  whs replay last                             send it again`
