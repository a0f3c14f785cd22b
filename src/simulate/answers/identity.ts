import type { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../../core/definition.ts'
import { rootItem } from '../../core/path.ts'
import type { Company } from '../companies.ts'
import { makeHold, type PickItem, writeAnswer, writeItems } from './write-answer.ts'

/** A JSON document in which the definition's identity reads companies: their accounts, names and what is learned. */
export function writeIdentity(definition: ProviderDefinition, document: Buffer, companies: Company[]): Buffer {
  const { items, where, accounts, name, learn } = definition.identity
  const [first] = companies
  if (!first) return document
  if (items === undefined) return one(document, first, () => rootItem)
  return writeItems(document, items, where, companies.length, (bytes, index, pick) =>
    one(bytes, companies[index] as Company, pick),
  )

  /** The accounts come last: where a name is read at the same place, the account must be right. */
  function one(bytes: Buffer, company: Company, pick: PickItem): Buffer {
    let written = where === undefined ? bytes : makeHold(bytes, where, pick)
    if (name !== undefined) written = writeAnswer(written, name, company.name, pick)
    for (const [slot, value] of Object.entries(learn ?? {})) {
      const text = company.slots[slot]
      if (text !== undefined) written = writeAnswer(written, value, text, pick)
    }
    for (const [kind, value] of Object.entries(accounts)) {
      const text = company.values[kind]
      if (text !== undefined) written = writeAnswer(written, value, text, pick)
    }
    return written
  }
}
