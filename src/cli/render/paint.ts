import { Chalk } from 'chalk'

/** The few colours there are, by meaning. Without colour all of them leave a text as it is. */
export interface Paint {
  good(text: string): string
  bad(text: string): string
  warn(text: string): string
  faint(text: string): string
  strong(text: string): string
  tenant(text: string): string
}

export function makePaint(color: boolean): Paint {
  const chalk = new Chalk({ level: color ? 1 : 0 })
  return {
    good: chalk.green,
    bad: chalk.red,
    warn: chalk.yellow,
    faint: chalk.dim,
    strong: chalk.bold,
    tenant: chalk.cyan,
  }
}
