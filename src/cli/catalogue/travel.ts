import { type Command, Option } from 'commander'
import { example } from '../../providers/_example.ts'
import type { Catalogue } from './catalogue.ts'
import { collect, storedFilters } from './options.ts'

const { provider } = example

/** What travels: deliveries from store to store, and a store as a whole; and what is left behind. */
export function commandsOfTravel({ program, add, run }: Catalogue): void {
  const events = program.commands.find(one => one.name() === 'events') as Command
  storedFilters(
    add(events, 'export [id...]', 'write deliveries into files, secrets masked, to hand on or to send with curl', [
      'whs events export last --as json --out ./kept',
      'whs events export ZM083H --as curl && TARGET=http://localhost:3000 sh dlv_….sh',
      'whs events export --failed --since 2h --as json --out ./failed',
    ]),
  )
    .addOption(
      new Option('--as <form>', 'json to import elsewhere, curl to send')
        .choices(['json', 'curl'])
        .makeOptionMandatory(),
    )
    .option('--out <dir>', 'where to (default: here)')
    .action(run(() => import('../commands/events-export.ts'), 'eventsExport'))
  add(events, 'import <file...>', 'take exported deliveries in; they are sent by a replay alone', [
    'whs events import dlv_….json',
    'whs events import dlv_….json --as-tenant acme && whs replay last --to 3000',
  ])
    .option('--as-tenant <id>', 'as this tenant’s: its account is written into them')
    .option('--app <name>', 'the app here, where several could be meant', collect)
    .action(run(() => import('../commands/events-import.ts'), 'eventsImport'))

  add(program, 'verify', 'verify an exported delivery with the secrets here, offline; where it fails, exit 8 and why', [
    'whs verify --file dlv_….json',
    `whs verify --file dlv_….json --app ${provider}-live --output json`,
  ])
    .requiredOption('--file <file>', 'the .json of an exported delivery')
    .option('--app <name>', 'the app here, where several could be meant')
    .action(run(() => import('../commands/verify.ts'), 'verifyCommand'))

  add(program, 'backup <file>', 'all of this store with its key in one file, sealed by a passphrase', [
    'whs backup ~/whs.backup',
    'printf %s "$PASSPHRASE" | whs backup ~/whs.backup --retire --secret -',
  ])
    .option('--retire', 'this store then refuses to listen, so that it and its copy do not fight')
    .option('--secret <->', 'read the passphrase from stdin (-); else WHS_BACKUP_SECRET, or you are asked')
    .action(run(() => import('../commands/backup.ts'), 'backupCommand'))
  add(program, 'restore <file>', 'the store of a backup, into an empty data directory', [
    'whs restore ~/whs.backup',
    'WHS_HOME=./copy whs restore ~/whs.backup',
  ])
    .option('--secret <->', 'read the passphrase from stdin (-); else WHS_BACKUP_SECRET, or you are asked')
    .action(run(() => import('../commands/backup.ts'), 'restoreCommand'))
  add(program, 'prune', 'delete what is old, for good; without a condition, say what that would free', [
    'whs prune',
    'whs prune --older-than 30d',
    'whs prune --tenant acme --older-than 7d',
    'whs prune --rejected',
  ])
    .option('--older-than <age>', 'what came longer ago (30d, an ISO time)')
    .option('--tenant <id>', 'events of this tenant', collect)
    .option('--parked', 'events that nobody owns')
    .option('--rejected', 'requests that did not verify')
    .action(run(() => import('../commands/prune.ts'), 'pruneCommand'))
}
