import { type Command } from 'commander'
import { example } from '../../providers/_example.ts'
import { secretOptions } from '../secret-options.ts'
import type { Catalogue } from './catalogue.ts'
import { collect, envOption } from './options.ts'

const { provider } = example

/** Demo, setup, app and connect: how tenants come in. */
export function commandsToConnect({ program, add, run }: Catalogue): void {
  add(program, 'demo', 'the whole loop with no account: simulator, consent, events, your handler', [
    'whs demo',
    'whs demo --once',
    'whs demo --forward 3000',
  ])
    .option('--once', 'play it once without waiting for you, then end')
    .option('--forward <rule>', 'your own handler instead of the built-in one')
    .option('--reset', 'begin with an empty demo store')
    .action(run(() => import('../commands/demo.ts'), 'demo'))

  add(program, 'setup <provider-or-app>', 'from nothing to the first verified event of a real app, step by step', [
    `whs setup ${provider}`,
    `whs setup ${provider} --print`,
  ])
    .option('--print', 'only print the steps')
    .addOption(envOption())
    .option('--tunnel <how>', 'ngrok, none, or an https URL of yours, where nobody listens')
    .option('--domain <name>', 'a domain that ngrok has reserved for you')
    .action(run(() => import('../commands/setup.ts'), 'setup'))

  const app = program.command('app').alias('apps').description('your OAuth Apps at providers').exitOverride()
  const appOptions = (command: Command): Command =>
    secretOptions(command.option('--client-id <id>', 'the client id'))
      .option(
        '--set <name=value>',
        'a setting of the app; callback=<url> is what signatures are checked against',
        collect,
      )
      .option('--host <role=url>', 'another host for a role', collect)
  appOptions(
    add(app, 'add <provider>', 'store an OAuth App; asks for what is missing', [
      `whs app add ${provider}`,
      `whs app add ${provider} --app qbo-live --env production`,
      `printf %s "$SECRET" | whs app add ${provider} --yes --client-id ABc1 --client-secret -`,
    ])
      .option('--app <name>', 'its name here (default: the provider)')
      .addOption(envOption()),
  ).action(run(() => import('../commands/app.ts'), 'appAdd'))
  appOptions(
    add(app, 'set <app>', 'change what is named; a replaced secret stays valid for a while', [
      `whs app set ${provider} --webhook-secret -`,
      `whs app set ${provider} --client-secret - --keep-old 0`,
    ]).option('--keep-old <duration>', 'how long a replaced secret stays valid', '24h'),
  ).action(run(() => import('../commands/app.ts'), 'appSet'))
  add(app, 'list', 'all apps', ['whs app list']).action(run(() => import('../commands/app.ts'), 'appList'))
  add(app, 'show <app>', 'one app, its callback URL and secrets by fingerprint', [`whs app show ${provider}`]).action(
    run(() => import('../commands/app.ts'), 'appShow'),
  )
  add(app, 'remove <app>', 'remove an app with all its events', ['whs app remove qbo-test'])
    .option('--confirm <app>', 'its name again, where nobody can be asked')
    .action(run(() => import('../commands/app.ts'), 'appRemove'))

  add(program, 'connect <provider-or-app>', 'let a tenant authorise your app, in the browser', [
    `whs connect ${provider}`,
    `whs connect ${provider} --tenant acme`,
    `whs connect ${provider} --tenant acme --no-open`,
    `whs connect ${provider} --tenant acme=<account> --tenant globex=<account>`,
    `whs connect ${provider} --tenant acme --link`,
    `whs connect ${example.keyed} --tenant acme --key -`,
  ])
    .addOption(envOption())
    .option('--tenant <id>', 'whose consent it is; <id>=<account> for one of several accounts', collect)
    .option('--account <id>', 'only this account of those consented', collect)
    .option('--each', 'every account of the consent, each a tenant of its own')
    .option('--set <name=value>', 'what is asked before the consent, such as the shop', collect)
    .option('--scopes <list>', 'other scopes than the default ones, separated by commas; +<scope> adds one to them')
    .option('--key <->', 'by a key of the tenant’s in place of a consent: asked for, or a line of stdin')
    .option('--share', 'the account may belong to another tenant as well')
    .option('--move', 'the account may be taken from another tenant')
    .option('--no-activate', 'make no hooks afterwards')
    .option('--no-open', 'print the URL, and take the pasted redirect')
    .option('--tunnel <how>', 'ngrok, none or an https URL, where nobody listens yet')
    .option('--domain <name>', 'the ngrok domain')
    .option('--port <n>', 'the port of the public door')
    .option('--timeout <duration>', 'how long to wait', '10m')
    .option('--link', 'print a one-time URL for the tenant to open, and return')
    .option('--expires <duration>', 'for how long the link works (default 24h)')
    .action(run(() => import('../commands/connect.ts'), 'connectCommand'))

  const links = program.command('links').alias('link').description('links that wait to be opened')
  links.allowExcessArguments().exitOverride()
  add(links, 'list', 'all that are not used up', ['whs links']).action(
    run(() => import('../commands/links.ts'), 'linksList'),
  )
  links.action(run(() => import('../commands/links.ts'), 'linksList'))
  add(links, 'revoke <id>', 'end one', ['whs links revoke lnk_3F9A01C2D4']).action(
    run(() => import('../commands/links.ts'), 'linksRevoke'),
  )
}
