import { type Account, normaliseAccount } from './account.ts'
import type { ProviderDefinition } from './definition.ts'
import type { AskedValue, Resolve } from './resolve-definition.ts'
import { splitItems } from './split.ts'
import { type ItemContext, readValue } from './value.ts'

const longest = 512

/** What an item can be asked about: by the first entry that reads something from it. */
export function askedIn({ resolve = [] }: ProviderDefinition, item: ItemContext): AskedValue | undefined {
  for (const { name, from } of resolve) {
    const value = readValue(item, from)?.text.trim()
    if (value && value.length <= longest) return { name, value }
  }
  return undefined
}

/** An answer's things that are what was asked about. */
function meantIn({ items, equals }: Resolve, value: string, answers: ItemContext[]): ItemContext[] {
  const all = answers.flatMap(answer => {
    if (items === undefined) return [answer]
    return (splitItems(answer.doc, [items]) ?? []).filter(({ whole }) => whole).map(item => ({ ...answer, item }))
  })
  return equals === undefined ? all : all.filter(item => readValue(item, equals)?.text.trim() === value)
}

/**
 * For which accounts a good answer says that a value stands, each once. `own` is the account of whoever asked, which it stands
 * for where the definition names none. Empty: the answer says no.
 */
export function accountsAnswered(
  { accounts }: ProviderDefinition,
  resolve: Resolve,
  value: string,
  answers: ItemContext[],
  own: Account | null,
): Account[] {
  const meant = meantIn(resolve, value, answers)
  const { account } = resolve
  if (account === undefined) return meant.length > 0 && own ? [own] : []
  const how = accounts.find(({ kind }) => kind === account.kind)?.normalise ?? 'text'
  const found = new Set(
    meant.flatMap(item => {
      const text = readValue(item, account.at)?.text
      return (text && normaliseAccount(how, text)) || []
    }),
  )
  return [...found].map(one => ({ kind: account.kind, value: one }))
}
