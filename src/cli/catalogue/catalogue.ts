import type { Command } from 'commander'

/** What a page of the catalogue is written with. */
export interface Catalogue {
  program: Command
  /** Lists a command: its usage, what it does in a line, and examples that end its help. */
  add(parent: Command, usage: string, summary: string, examples: string[]): Command
  /** The action of a command: a function by its name, from a file that is loaded only when the command runs. */
  run(load: () => Promise<unknown>, name: string): (...all: unknown[]) => Promise<void>
}
