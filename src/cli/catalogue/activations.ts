import type { Command } from 'commander'
import { example } from '../../providers/_example.ts'
import type { Catalogue } from './catalogue.ts'
import { collect } from './options.ts'

/** Activations: the hooks that exist at providers, made by their API or by hand. */
export function commandsOfActivations({ program, add, run }: Catalogue): void {
  add(program, 'activate [provider-or-app]', 'make hooks by the provider’s API, and mend those that point elsewhere', [
    'whs activate',
    `whs activate ${example.hooks} --tenant acme`,
    `whs activate ${example.hooks} --tenant acme --resource lT4Z3j --resource xK9f2q`,
    `whs activate ${example.hooks} --tenant acme --all-resources`,
  ])
    .option('--tenant <id>', 'only for this tenant', collect)
    .option('--resource <id>', 'for this form, board or the like', collect)
    .option('--all-resources', 'for everything that the provider lists')
    .action(run(() => import('../commands/activate.ts'), 'activateCommand'))
  add(program, 'deactivate <provider-or-app>', 'remove hooks at the provider, and here', [
    `whs deactivate ${example.hooks} --tenant acme`,
    `whs deactivate ${example.hooks} --tenant acme --resource lT4Z3j`,
    `whs deactivate ${example.hooks} --confirm ${example.hooks}`,
  ])
    .option('--tenant <id>', 'only of this tenant', collect)
    .option('--resource <id>', 'only of this form, board or the like', collect)
    .option('--confirm <app>', 'its name again, where all of its hooks go and nobody can be asked')
    .action(run(() => import('../commands/activate.ts'), 'deactivateCommand'))
  const activations = program
    .command('activations')
    .alias('activation')
    .description('the hooks that exist at providers')
    .allowExcessArguments()
    .exitOverride()
  const listOptions = (command: Command): Command =>
    command.option('--app <name>', 'only of this app').option('--tenant <id>', 'only of this tenant')
  const list = add(activations, 'list', 'all hooks, with what is to be done', [
    'whs activations',
    'whs activations list --tenant acme',
  ])
  listOptions(list).action(run(() => import('../commands/activations.ts'), 'activationsList'))
  listOptions(activations).action(run(() => import('../commands/activations.ts'), 'activationsList'))
  add(activations, 'add <app>', 'a hook that you make by hand: its callback URL, and the steps', [
    'whs activations add my-crm --tenant acme',
    'printf %s "$SECRET" | whs activations add my-crm --tenant acme --id 42 --secret -',
  ])
    .option('--tenant <id>', 'whose it is')
    .option('--new-tenant', 'the tenant is a new one, and no slip')
    .option('--id <id>', 'the provider’s own id of it')
    .option('--resource <id>', 'what it is for, where there is one for each form, board or the like')
    .option('--secret <->', '- reads its secret from stdin')
    .action(run(() => import('../commands/activations.ts'), 'activationsAdd'))
  add(activations, 'confirm <id>', 'give a hook what the provider said of it', [
    'whs activations confirm K3Q9ZB --id 42 --secret -',
  ])
    .option('--id <id>', 'the provider’s own id of it')
    .option('--secret <->', '- reads its secret from stdin')
    .action(run(() => import('../commands/activations.ts'), 'activationsConfirm'))
  add(activations, 'remove <id>', 'forget a hook, with its secret and key', ['whs activations remove K3Q9ZB'])
    .option('--confirm <id>', 'its id again, where nobody can be asked')
    .action(run(() => import('../commands/activations-remove.ts'), 'activationsRemove'))
}
