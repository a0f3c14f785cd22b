import type { Buffer } from 'node:buffer'
import { decodeBody } from './decode.ts'
import type { ProviderDefinition } from './definition.ts'
import type { WhsError } from './errors.ts'
import type { SampleMessage } from './sample.ts'
import { badSet, type SetValue, setValues } from './set-value.ts'
import { setField } from './write-value.ts'

const withoutSet = 'whs trigger without --set'

/**
 * Writes values into the body of a sample, whatever it is: JSON (`setValues`), JSON in the field of a form, or a form, where
 * a path names a field (`Body`, `data.merges.FNAME` for `data[merges][FNAME]`) and one that is missing is added.
 * @throws WhsError `bad-set` (exit 2) for a path that leads nowhere, and where there is no body
 */
export function setInSample(definition: ProviderDefinition, message: SampleMessage, values: SetValue[]): Buffer {
  const { body } = message
  const [first] = values
  if (!first) return body
  const decoded = decodeBody(definition.webhook.body, message)
  if ('fault' in decoded || decoded.by === 'json') return setValues(definition, body, values)
  const { doc, by } = decoded
  if (by === 'empty') throw noBody(definition, first)
  if (by === 'form') return values.reduce((form, { path, value }) => setField(form, fieldOf(form, path), value), body)
  return setField(body, by.jsonField, setValues(definition, doc.bytes, values).toString())
}

/** The name of the field that a path means: as it is written where there is one, else keys in brackets (as PHP reads them). */
function fieldOf(form: Buffer, path: string): string {
  const name = path.replace(/^[$@]\.?/, '')
  if (name === '') throw badSet(path, 'it must name one field of the form', withoutSet)
  if (name.includes('[') || new URLSearchParams(form.toString()).has(name)) return name
  const [first, ...keys] = name.split('.')
  return `${first}${keys.map(key => `[${key}]`).join('')}`
}

function noBody({ name }: ProviderDefinition, { path }: SetValue): WhsError {
  return badSet(path, `a delivery of ${name} has no body: all that it says stands in headers`, withoutSet)
}
