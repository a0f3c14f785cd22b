import { Buffer } from 'node:buffer'
import { decodeBody } from './decode.ts'
import type { ProviderDefinition } from './definition.ts'
import { exits, WhsError } from './errors.ts'
import type { SampleMessage } from './sample.ts'
import { type SetValue, setValues } from './set-value.ts'
import { setField } from './write-value.ts'

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
  const by = 'fault' in decoded ? 'json' : decoded.by
  if (by === 'empty') throw noBody(definition, first)
  if (by === 'json') return setValues(definition, body, values)
  if (by === 'form') return values.reduce((form, { path, value }) => setField(form, fieldOf(form, path), value), body)
  const inner = 'fault' in decoded ? body : setValues(definition, Buffer.from(decoded.doc.bytes), values)
  return setField(body, by.jsonField, inner.toString())
}

/** The name of the field that a path means: as it is written where there is one, else keys in brackets (as PHP reads them). */
function fieldOf(form: Buffer, path: string): string {
  const name = path.replace(/^[$@]\.?/, '')
  if (name === '') throw badSet(path, 'it must name one field of the form')
  if (name.includes('[') || new URLSearchParams(form.toString()).has(name)) return name
  const [first, ...keys] = name.split('.')
  return `${first}${keys.map(key => `[${key}]`).join('')}`
}

function noBody({ name }: ProviderDefinition, { path }: SetValue): WhsError {
  return badSet(path, `a delivery of ${name} has no body: all that it says stands in headers`)
}

function badSet(path: string, why: string): WhsError {
  const what = `--set ${path} cannot be written`
  return new WhsError({ code: 'bad-set', exit: exits.usage, what, why, next: 'whs trigger without --set' })
}
