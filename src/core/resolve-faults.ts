import type { ProviderDefinition } from './definition.ts'
import { slotsOf } from './fill-text.ts'
import { itemsFaults, valueFaults } from './value-faults.ts'

/** What is wrong with what a definition says of values that stand for an account, besides the calls. */
export function resolveFaults({ resolve = [], webhook, accounts }: ProviderDefinition): string[] {
  const names = resolve.map(({ name }) => name)
  const kinds = accounts.map(({ kind }) => kind)
  return resolve.flatMap(({ name, from, as, call, items, equals, account }, index) => {
    const faults = valueFaults(from, webhook.split)
    if (names.indexOf(name) < index) faults.push('its name is there twice')
    const splits = items === undefined ? [] : [items]
    faults.push(...splits.flatMap(itemsFaults))
    for (const value of [equals, account?.at]) if (value !== undefined) faults.push(...valueFaults(value, splits))
    if (account && !kinds.includes(account.kind)) faults.push(`account: there is no kind ${account.kind}`)
    if (as === 'app' && !account) faults.push('account: the app’s own call must say whose it is')
    if (as === 'app' && call.auth === undefined)
      faults.push('call.auth: the app’s own call must say with which credentials it is made')
    if (equals === undefined && !slotsOf(JSON.stringify(call)).includes('value'))
      faults.push('call: it sends no {value}, and nothing is compared with it (equals)')
    return faults.map(fault => `resolve ${name}: ${fault}`)
  })
}
