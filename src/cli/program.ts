import { Command, Option } from 'commander'
import type { Io, RealIoOptions } from './io.ts'
import { secretOptions } from './secret-options.ts'

export interface ProgramDeps {
  versionOf(): string
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
    .addOption(new Option('--output <form>', 'text (default on a terminal) or json').choices(['text', 'json']))
    .option('--no-color', 'no colours (also NO_COLOR)')
    .option('-y, --yes', 'never ask; what is missing is an error')
    .option('--debug', 'show where an error came from')
    .showSuggestionAfterError(true)
    .configureHelp({ showGlobalOptions: false, sortSubcommands: false })
    .configureOutput({ outputError: (text, write) => write(usageText(text)) })
    .exitOverride()
    .addHelpText('after', mainHelp)

  const add = (parent: Command, usage: string, summary: string, examples: string[]): Command => {
    const command = parent.command(usage).description(summary).exitOverride()
    command.configureOutput({ outputError: (text, write) => write(usageText(text)) })
    command.addHelpText('after', `\nExamples:\n${examples.map(line => `  ${line}`).join('\n')}`)
    return command
  }
  const run =
    (load: () => Promise<unknown>, name: string) =>
    async (...all: unknown[]): Promise<void> => {
      const command = all.pop() as Command
      all.pop()
      const options = command.optsWithGlobals<GlobalOptions>()
      const io = deps.context(options)
      const module = (await load()) as Record<string, Run<object>>
      const context = { io, version: deps.versionOf(), demo: options.demo === true, program }
      deps.done(await (module[name] as Run<object>)(context, options, ...(all as never[])))
    }

  add(program, 'demo', 'the whole loop with no account: simulator, consent, events, your handler', [
    'whs demo',
    'whs demo --once',
    'whs demo --forward 3000',
  ])
    .option('--once', 'play it once without waiting for you, then end')
    .option('--forward <rule>', 'your own handler instead of the built-in one')
    .option('--reset', 'begin with an empty demo store')
    .action(run(() => import('./commands/demo.ts'), 'demo'))

  add(program, 'setup <provider-or-app>', 'from nothing to the first verified event of a real app, step by step', [
    'whs setup quickbooks',
    'whs setup quickbooks --print',
  ])
    .option('--print', 'only print the steps')
    .addOption(envOption())
    .action(run(() => import('./commands/setup.ts'), 'setup'))

  const app = program.command('app').alias('apps').description('your OAuth Apps at providers').exitOverride()
  const appOptions = (command: Command): Command =>
    secretOptions(command.option('--client-id <id>', 'the client id'))
      .addOption(new Option('--set <name=value>', 'a setting').argParser(collect).hideHelp())
      .option('--host <role=url>', 'another host for a role', collect)
  appOptions(
    add(app, 'add <provider>', 'store an OAuth App; asks for what is missing', [
      'whs app add quickbooks',
      'whs app add quickbooks --app qbo-live --env production',
      'printf %s "$SECRET" | whs app add quickbooks --yes --client-id ABc1 --client-secret -',
    ])
      .option('--app <name>', 'its name here (default: the provider)')
      .addOption(envOption()),
  ).action(run(() => import('./commands/app.ts'), 'appAdd'))
  appOptions(
    add(app, 'set <app>', 'change what is named; a replaced secret stays valid for a while', [
      'whs app set quickbooks --webhook-secret -',
      'whs app set quickbooks --client-secret - --keep-old 0',
    ]).option('--keep-old <duration>', 'how long a replaced secret stays valid', '24h'),
  ).action(run(() => import('./commands/app.ts'), 'appSet'))
  add(app, 'list', 'all apps', ['whs app list']).action(run(() => import('./commands/app.ts'), 'appList'))
  add(app, 'show <app>', 'one app, its callback URL and secrets by fingerprint', ['whs app show quickbooks']).action(
    run(() => import('./commands/app.ts'), 'appShow'),
  )
  add(app, 'remove <app>', 'remove an app with all its events', ['whs app remove qbo-test'])
    .option('--confirm <app>', 'its name again, where nobody can be asked')
    .action(run(() => import('./commands/app.ts'), 'appRemove'))

  add(program, 'connect <provider-or-app>', 'let a tenant authorise your app, in the browser', [
    'whs connect quickbooks',
    'whs connect quickbooks --tenant acme',
    'whs connect quickbooks --tenant acme --no-open',
  ])
    .addOption(envOption())
    .option('--tenant <id>', 'whose consent it is; <id>=<account> for one of several accounts', collect)
    .option('--account <id>', 'only this account of those consented', collect)
    .option('--scopes <list>', 'other scopes than the default ones, separated by commas')
    .option('--share', 'the account may belong to another tenant as well')
    .option('--move', 'the account may be taken from another tenant')
    .option('--no-open', 'print the URL, and take the pasted redirect')
    .option('--tunnel <how>', 'ngrok, none or an https URL, where nobody listens yet')
    .option('--domain <name>', 'the ngrok domain')
    .option('--port <n>', 'the port of the public door')
    .option('--timeout <duration>', 'how long to wait', '10m')
    .action(run(() => import('./commands/connect.ts'), 'connectCommand'))

  const tenants = program
    .command('tenants')
    .alias('tenant')
    .description('your customers, their accounts and consents')
    .exitOverride()
  add(tenants, 'list', 'all tenants', ['whs tenants']).action(run(() => import('./commands/tenants.ts'), 'tenantsList'))
  tenants.action(run(() => import('./commands/tenants.ts'), 'tenantsList'))
  add(tenants, 'show <tenant>', 'one tenant', ['whs tenants show acme']).action(
    run(() => import('./commands/tenants.ts'), 'tenantsShow'),
  )
  add(tenants, 'rename <tenant> <new>', 'give a tenant another id', ['whs tenants rename acme-holdings acme']).action(
    run(() => import('./commands/tenants.ts'), 'tenantsRename'),
  )
  const mapping = (command: Command): Command =>
    command
      .requiredOption('--app <name>', 'the app')
      .requiredOption('--account <value>', 'the account, as value or kind:value')
  mapping(
    add(tenants, 'map <tenant>', 'say whose an account is, and release what was parked for it', [
      'whs tenants map initech --app quickbooks --account 9341453900000009999',
    ])
      .option('--no-release', 'leave what is parked')
      .option('--share', 'the account may belong to another tenant as well'),
  ).action(run(() => import('./commands/tenants.ts'), 'tenantsMap'))
  mapping(
    add(tenants, 'unmap <tenant>', 'take it back; its events are parked from now on', [
      'whs tenants unmap initech --app quickbooks --account 9341453900000009999',
    ]),
  ).action(run(() => import('./commands/tenants.ts'), 'tenantsUnmap'))
  mapping(
    add(tenants, 'ignore', 'keep nothing of an account but a count; * is every unknown one', [
      "whs tenants ignore --app quickbooks --account '*'",
    ]),
  ).action(run(() => import('./commands/tenants.ts'), 'tenantsIgnore'))
  add(tenants, 'disconnect <tenant>', 'end its consents, at the provider too', ['whs tenants disconnect acme'])
    .option('--app <name>', 'only at this app')
    .action(run(() => import('./commands/tenants.ts'), 'tenantsDisconnect'))
  add(tenants, 'forget <tenant>', 'disconnect, then delete all of it', ['whs tenants forget acme'])
    .option('--confirm <tenant>', 'its id again, where nobody can be asked')
    .action(run(() => import('./commands/tenants.ts'), 'tenantsForget'))

  filters(
    add(program, 'listen', 'receive, show and forward events; opens the door and the tunnel', [
      'whs listen --forward 3000',
      'whs listen --forward localhost:3000/webhooks/{provider} --domain hooks.example.ngrok.app',
      'whs listen --forward tenant=acme,event=invoice.*,to=3001 --forward 3000',
      'whs listen --tunnel none --tenant acme --output json',
    ]),
  )
    .option('--forward <rule>', 'where events go; the first rule that fits takes the event', collect)
    .addOption(
      new Option('--deliver <form>', 'original requests, or one CloudEvent each').choices(['original', 'event']),
    )
    .option('--tunnel <how>', 'ngrok, none or an https URL of yours')
    .option('--domain <name>', 'the ngrok domain')
    .option('--port <n>', 'the port of the public door (default 4400)')
    .option('--since <when>', 'show what was stored since, too')
    .option('--skip-open', 'leave what is still open from earlier')
    .option('--allow-remote', 'let targets be other machines')
    .option('--allow-unverified', 'take deliveries whose signature is wrong or missing, too')
    .option('--handler-timeout <duration>', 'how long a handler may take')
    .option('--cacert <pem>', 'trust this authority for https targets')
    .action(run(() => import('./commands/listen.ts'), 'listenCommand'))

  const events = program.command('events').alias('event').description('what came, newest first').exitOverride()
  const listOptions = (command: Command): Command =>
    filters(command)
      .option('--since <when>', 'since (2h, 7d, an ISO time)')
      .option('--until <when>', 'until')
      .option('--parked', 'only what nobody owns')
      .option('--rejected', 'requests that did not verify')
      .option('--failed', 'only what the handler never took')
      .option('--search <text>', 'only what holds this text')
      .option('--limit <n>', 'at most so many')
      .option('--follow', 'go on live, oldest first')
  listOptions(
    add(events, 'list', 'history and live', ['whs events --tenant acme --since 2h', 'whs events --follow']),
  ).action(run(() => import('./commands/events.ts'), 'eventsList'))
  listOptions(events).action(run(() => import('./commands/events.ts'), 'eventsList'))
  add(events, 'show <id>', 'one event, with its attempts', [
    'whs events show ZM083H',
    'whs events show last --raw | jq',
  ])
    .option('--raw', 'the exact bytes of the delivery’s body')
    .action(run(() => import('./commands/events.ts'), 'eventsShow'))

  add(program, 'replay <id...>', 'send events again, signed anew, and print the answer', [
    'whs replay ZM083H',
    'whs replay last --to 3001',
  ])
    .option('--to <target>', 'to this target instead of where the rules send it')
    .option('--allow-remote', 'let the target be another machine')
    .action(run(() => import('./commands/replay.ts'), 'replayCommand'))

  add(program, 'trigger <what>', 'a correctly signed sample delivery, through the front door of the running listener', [
    'whs trigger quickbooks --tenant acme',
    'whs trigger quickbooks:customer.updated --tenant acme',
  ])
    .option('--tenant <id>', 'for whom')
    .option('--no-wait', 'do not wait for the handler’s answer')
    .action(run(() => import('./commands/trigger.ts'), 'triggerCommand'))

  add(program, 'simulate', 'the fake providers alone, with a page to change records', ['whs simulate'])
    .option('--port <n>', 'the port (default 4480)')
    .action(run(() => import('./commands/simulate.ts'), 'simulate'))

  const known = program.command('providers').alias('provider').description('what whs knows').exitOverride()
  add(known, 'list', 'all providers', ['whs providers']).action(
    run(() => import('./commands/providers.ts'), 'providersList'),
  )
  known.action(run(() => import('./commands/providers.ts'), 'providersList'))
  add(known, 'show <provider>', 'one provider: how it is verified and split, and how sure that is', [
    'whs providers show quickbooks',
  ]).action(run(() => import('./commands/providers.ts'), 'providersShow'))

  add(program, 'env [app]', 'what your handler needs, as NAME=value', [
    'whs env --write .env',
    'whs env quickbooks --show',
  ])
    .option('--write <file>', 'into this file (0600; other lines are kept)')
    .option('--show', 'to stdout, secrets in clear')
    .action(run(() => import('./commands/env.ts'), 'envCommand'))

  add(program, 'status', 'who listens where, callback URLs, what is open', ['whs status']).action(
    run(() => import('./commands/status.ts'), 'status'),
  )
  add(program, 'doctor', 'check everything', ['whs doctor']).action(run(() => import('./commands/doctor.ts'), 'doctor'))
  add(program, 'completion <shell>', 'completion for bash, zsh or fish', [
    'whs completion bash > ~/.local/share/bash-completion/completions/whs',
  ]).action(run(() => import('./commands/completion.ts'), 'completion'))
  return program
}

function envOption(): Option {
  return new Option('--env <environment>', 'which environment').choices(['production', 'sandbox', 'simulator'])
}

function filters(command: Command): Command {
  return command
    .option('--tenant <id>', 'only of this tenant', collect)
    .option('--app <name>', 'only of this app', collect)
    .option('--provider <id>', 'only of this provider', collect)
    .option('--env <environment>', 'only of this environment', collect)
    .option('--account <value>', 'only of this account', collect)
    .option('--event <glob>', 'only events of this type, as in invoice.*', collect)
    .option('--resource <type/id>', 'only of this resource', collect)
    .option('--scope <scope>', 'tenant, parked or app', collect)
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

/** Commander's message in our three lines. */
function usageText(text: string): string {
  const [first = '', ...rest] = text.trim().split('\n')
  const what = first.replace(/^error: /, '')
  const hint = rest.join(' ').replace(/^\(|\)$/g, '')
  return `error  ${what}\n${hint ? `why    ${hint}\n` : ''}next   whs --help\n`
}

const mainHelp = `
Examples:
  whs demo                                    the whole loop, no account needed
  whs setup quickbooks                        a real app, step by step
  whs connect quickbooks --tenant acme        a tenant authorises
  whs listen --forward localhost:3000         receive, resolve, forward
  whs events --tenant acme --since 2h         what came
  whs replay last                             send it again`
