import type { Command } from 'commander'

/** A secret flag as it was typed: never a value, only where the value comes from. */
export interface TypedSecret {
  /** Its place among all secret flags of the command line: each `-` reads the next line of stdin. */
  place: number
  flag: string
  text: string
}

/** What the secret flags of a command leave in its options. */
export interface SecretFlags {
  clientSecret?: TypedSecret[]
  webhookSecret?: TypedSecret[]
  secret?: TypedSecret[]
}

/** Adds the secret flags, which remember the order in which they were typed. */
export function secretOptions(command: Command): Command {
  let place = 0
  const typed =
    (flag: string) =>
    (text: string, before: TypedSecret[] = []): TypedSecret[] => [...before, { place: place++, flag, text }]
  return command
    .option('--client-secret <->', '- reads it from stdin', typed('--client-secret'))
    .option('--webhook-secret <->', '- reads it from stdin', typed('--webhook-secret'))
    .option('--secret <name=->', 'any secret by name, read from stdin', typed('--secret'))
}
