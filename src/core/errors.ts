/**
 * Exit codes of the contract (CLI.md). `8` is a refusal (by the handler, or of what `verify` was given), `9` time running out.
 */
export const exits = {
  done: 0,
  fault: 1,
  usage: 2,
  missing: 3,
  consent: 4,
  unknown: 5,
  tunnel: 6,
  held: 7,
  handler: 8,
  timeout: 9,
  api: 10,
  interrupted: 130,
  terminated: 143,
} as const

export interface WhsErrorParts {
  /** Stable, kebab-case, for scripts and tests. */
  code: string
  exit: number
  /** One line: what happened. */
  what: string
  /** One line: why. */
  why?: string
  /** One line: what to type next. Commands start with `whs`, the terminal prints the form that works there. */
  next?: string
  cause?: unknown
}

/** A failure that a person can mend: what happened, why, what to type next. Never holds a secret. */
export class WhsError extends Error {
  readonly code: string
  readonly exit: number
  readonly why: string | undefined
  readonly next: string | undefined

  constructor(parts: WhsErrorParts) {
    super(parts.what, { cause: parts.cause })
    this.name = 'WhsError'
    this.code = parts.code
    this.exit = parts.exit
    this.why = parts.why
    this.next = parts.next
  }
}
