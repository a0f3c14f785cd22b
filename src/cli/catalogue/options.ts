import { type Command, Option } from 'commander'

export function envOption(): Option {
  return new Option('--env <environment>', 'which environment').choices(['production', 'sandbox', 'simulator'])
}

/** The filters that every command shares. */
export function filters(command: Command): Command {
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

/** The same, with what only the store can answer. */
export function storedFilters(command: Command): Command {
  return filters(command)
    .option('--since <when>', 'since (2h, 7d, an ISO time)')
    .option('--until <when>', 'until')
    .option('--parked', 'only what nobody owns')
    .option('--rejected', 'requests that did not verify')
    .option('--failed', 'only what the handler never took')
    .option('--search <text>', 'only what holds this text')
}

/** An option that may be given several times. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}
