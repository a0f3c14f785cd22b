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

/** An option that may be given several times. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}
