import { didYouMean } from './text.ts'

/**
 * What a field holds: a kind of value, the words that it may be, a list of one kind, named fields (a name that ends in `?`
 * may be missing), `each`: any names, all of one kind, or `forms`: objects that are told apart by the field of that name,
 * or one of the words (`text` says what a text is, where any will do).
 */
export type Field =
  | Kind
  | { words: string[] }
  | { list: Field }
  | { each: Field }
  | { fields: Record<string, Field> }
  | { forms: Record<string, Record<string, Field>>; words?: string[]; text?: string }
  | { lazy: () => Field }
type Kind =
  | 'text'
  | 'any text'
  | 'text or texts'
  | 'number'
  | 'number or null'
  | 'number or numbers'
  | 'true or false'
  | 'plain value'
  | 'anything'

/** One of these words. */
export function words(...all: string[]): Field {
  return { words: all }
}

/** A list of one kind. */
export function list(of: Field): Field {
  return { list: of }
}

/** An object with any names, all of one kind. */
export function each(of: Field): Field {
  return { each: of }
}

/** An object with these fields. */
export function fields(all: Record<string, Field>): Field {
  return { fields: all }
}

/** What is wrong with something that should be a field, each sentence behind where it stands. */
export function faultsOf(value: unknown, field: Field, at: string, mayHaveMore = false): string[] {
  if (typeof field === 'string') return isOfKind(value, field) ? [] : [`${at}: it must be ${kindText[field]}`]
  if ('lazy' in field) return faultsOf(value, field.lazy(), at)
  if ('forms' in field) return formFaults(value, field, at)
  if ('words' in field) {
    if (typeof value === 'string' && field.words.includes(value)) return []
    return [`${at}: it must be ${quoted(field.words)}`]
  }
  if ('list' in field) {
    if (!Array.isArray(value)) return [`${at}: it must be a list, in [ ]`]
    return value.flatMap((one, index) => faultsOf(one, field.list, `${at}[${index}]`))
  }
  if (!isObject(value)) return [`${at === '' ? 'the definition' : at}: it must be an object, in { }`]
  if ('each' in field) {
    return Object.entries(value).flatMap(([name, one]) => faultsOf(one, field.each, below(at, name)))
  }
  return fieldsFaults(value, field.fields, at, mayHaveMore)
}

function formFaults(value: unknown, field: Extract<Field, { forms: object }>, at: string): string[] {
  const { forms, words = [], text } = field
  if (typeof value === 'string' && value !== '' && (text !== undefined || words.includes(value))) return []
  const name = isObject(value) ? Object.keys(forms).find(one => value[one] !== undefined) : undefined
  if (name !== undefined) return faultsOf(value, fields(forms[name] as Record<string, Field>), at)
  const texts = text ?? (words.length > 0 ? quoted(words) : undefined)
  const objects = `an object with ${Object.keys(forms).join(' or ')}`
  return [`${at}: it must be ${texts === undefined ? objects : `${texts}, or ${objects}`}`]
}

function quoted(texts: string[]): string {
  return texts.map(one => `"${one}"`).join(' or ')
}

function fieldsFaults(
  value: Record<string, unknown>,
  known: Record<string, Field>,
  at: string,
  mayHaveMore: boolean,
): string[] {
  const faults: string[] = []
  for (const [marked, field] of Object.entries(known)) {
    const name = marked.replace(/\?$/, '')
    if (value[name] !== undefined) faults.push(...faultsOf(value[name], field, below(at, name)))
    else if (name === marked) faults.push(`${below(at, name)}: it is missing`)
  }
  const names = Object.keys(known).map(name => name.replace(/\?$/, ''))
  const unknown = mayHaveMore ? [] : Object.keys(value).filter(name => !names.includes(name))
  for (const name of unknown) {
    const near = didYouMean(name, names)
    const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `known here: ${names.join(', ')}`
    faults.push(`${below(at, name)}: there is no such field; ${hint}`)
  }
  return faults
}

function below(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const kindText: Record<Kind, string> = {
  text: 'a text',
  'any text': 'a text',
  'text or texts': 'a text, or a list of texts',
  number: 'a number',
  'number or null': 'a number, or null',
  'number or numbers': 'a number, or a list of numbers',
  'true or false': 'true or false',
  'plain value': 'a text, a number, true or false',
  anything: 'something',
}

function isOfKind(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string' && value !== ''
    case 'any text':
      return typeof value === 'string'
    case 'text or texts':
      return [value].flat().every(one => typeof one === 'string')
    case 'number or numbers':
      return [value].flat().every(one => typeof one === 'number')
    case 'number':
    case 'number or null':
      return typeof value === 'number' || (kind !== 'number' && value === null)
    case 'true or false':
      return typeof value === 'boolean'
    case 'plain value':
      return ['string', 'number', 'boolean'].includes(typeof value)
    case 'anything':
      return value !== null
  }
}
