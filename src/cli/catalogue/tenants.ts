import { type Command } from 'commander'
import { example } from '../../providers/_example.ts'
import type { Catalogue } from './catalogue.ts'

const { provider, account, apiPath, apiTarget } = example

/** Tenants: whose is what. */
export function commandsOfTenants({ program, add, run }: Catalogue): void {
  const tenants = program
    .command('tenants')
    .alias('tenant')
    .description('your customers, their accounts and consents')
    .allowExcessArguments()
    .exitOverride()
  add(tenants, 'list', 'all tenants', ['whs tenants']).action(
    run(() => import('../commands/tenants.ts'), 'tenantsList'),
  )
  tenants.action(run(() => import('../commands/tenants.ts'), 'tenantsList'))
  add(tenants, 'show <tenant>', 'one tenant', ['whs tenants show acme']).action(
    run(() => import('../commands/tenants.ts'), 'tenantsShow'),
  )
  add(tenants, 'rename <tenant> <new>', 'give a tenant another id', ['whs tenants rename acme-holdings acme']).action(
    run(() => import('../commands/tenants.ts'), 'tenantsRename'),
  )
  const mapping = (command: Command): Command =>
    command
      .requiredOption('--app <name>', 'the app')
      .requiredOption('--account <value>', 'the account, as value or kind:value')
  mapping(
    add(tenants, 'map <tenant>', 'say whose an account is, and release what was parked for it', [
      `whs tenants map initech --app ${provider} --account ${account}`,
    ])
      .option('--no-release', 'leave what is parked')
      .option('--share', 'the account may belong to another tenant as well'),
  ).action(run(() => import('../commands/tenants.ts'), 'tenantsMap'))
  mapping(
    add(tenants, 'unmap <tenant>', 'take it back; its events are parked from now on', [
      `whs tenants unmap initech --app ${provider} --account ${account}`,
    ]),
  ).action(run(() => import('../commands/tenants.ts'), 'tenantsUnmap'))
  mapping(
    add(tenants, 'ignore', 'keep nothing of an account but a count; * is every unknown one', [
      `whs tenants ignore --app ${provider} --account '*'`,
    ]),
  ).action(run(() => import('../commands/tenants.ts'), 'tenantsIgnore'))
  add(tenants, 'disconnect <tenant>', 'end its consents, at the provider too', ['whs tenants disconnect acme'])
    .option('--app <name>', 'only at this app')
    .action(run(() => import('../commands/tenants.ts'), 'tenantsDisconnect'))
  add(program, 'api <tenant> <method> <path-or-url>', 'a call of the provider’s API with the tenant’s token', [
    `whs api acme GET ${apiPath}`,
    `whs api acme POST ${apiTarget} --body - < invoice.json`,
    'whs api acme GET /contacts --app my-crm --all',
  ])
    .option('--app <name>', 'at this app, where the tenant has several')
    .option('--account <value>', 'as this account (value or kind:value), where it has several')
    .option('--body <->', 'sends what stdin holds')
    .option('--type <content-type>', 'of the body, where it is no JSON')
    .option('--all', 'follow further pages')
    .action(run(() => import('../commands/api.ts'), 'api'))
  add(tenants, 'forget <tenant>', 'disconnect, then delete all of it', ['whs tenants forget acme'])
    .option('--confirm <tenant>', 'its id again, where nobody can be asked')
    .action(run(() => import('../commands/tenants.ts'), 'tenantsForget'))
}
