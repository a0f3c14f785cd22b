import type { Activation } from '../core/activation-definition.ts'
import type { ProviderDefinition } from '../core/definition.ts'
import { schemeName } from '../core/scheme-text.ts'
import { durationText } from '../core/text.ts'

/** What a table of providers says of one, in a few words each. */
export interface ProviderFacts {
  id: string
  name: string
  environments: string[]
  /** What an event is told apart by, in the provider's own word. */
  account: string
  signature: string
  activation: string
  checked: string
}

/** The facts of a definition for `providers list` and the table of the README. */
export function providerFacts({
  id,
  name,
  hosts,
  accounts,
  webhook,
  activation,
  checked,
}: ProviderDefinition): ProviderFacts {
  return {
    id,
    name,
    environments: [...Object.keys(hosts), 'simulator'],
    account: accounts[0]?.word ?? 'none',
    signature: [...new Set(webhook.verify.map(schemeName))].join(' or '),
    activation: activationText(activation),
    checked: `${checked.how} ${checked.on}`,
  }
}

/** How hooks come about: `one per app, by hand`, `one per tenant, by hand or API, key in the URL`. */
export function activationText({ per, by, keyed, noun }: Activation): string {
  const unit = per === 'resource' ? (noun ?? 'resource') : per
  const who = { portal: 'by hand', api: 'by API', either: 'by hand or API' }[by]
  return `one per ${unit}, ${who}${keyed ? ', key in the URL' : ''}`
}

/** The provider's own tries in words: `again after 10 s, 20 s, 5 min`. */
export function retriesText(retries: number[]): string {
  const last = retries.at(-1)
  if (last === undefined) return 'the provider does not try again'
  const waits = retries.map(seconds => durationText(seconds * 1000))
  return `again after ${waits.join(', ')}`
}

/** `an account`, `a company`, `a user`. */
export function withArticle(noun: string): string {
  return `${/^(?:[aeio]|u(?!ni|s[aeiu]))/i.test(noun) ? 'an' : 'a'} ${noun}`
}
