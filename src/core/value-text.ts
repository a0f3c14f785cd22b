import type { Value, When } from './value-definition.ts'
import type { AccountAt } from './webhook-definition.ts'

/** Where a value is read, in words for a person: a path as it is, `header x-shop`, `the first of …`. */
export function valueText(value: Value): string {
  if (typeof value === 'string') return value
  if ('header' in value) return `header ${value.header}`
  if ('query' in value) return `query ${value.query}`
  if ('text' in value) return `"${value.text}"`
  if ('first' in value) return `the first of ${value.first.map(valueText).join(', ')}`
  if ('join' in value) return value.join.map(valueText).join(` ${value.by} `)
  if ('part' in value) return `a part of ${valueText(value.part.of)}`
  if ('template' in value) return value.template
  if ('capture' in value) return `what ${value.capture.pattern} finds in ${valueText(value.capture.of)}`
  if ('map' in value) return valueText(value.map.of)
  if ('step' in value) return 'the name of what it stands in'
  return `${value.base64Json.at} in the base64 of ${valueText(value.base64Json.of)}`
}

/** A condition in words for a person. */
export function whenText(when: When): string {
  if (typeof when === 'string') return `${when} is there`
  if ('at' in when) return `${valueText(when.at)} is ${[when.is].flat().join(' or ')}`
  if ('exists' in when) return `${valueText(when.exists)} is there`
  if ('absent' in when) return `${valueText(when.absent)} is not there`
  if ('empty' in when) return `${when.empty} is empty`
  if ('equal' in when) return when.equal.map(valueText).join(' is ')
  return when.all.map(whenText).join(' and ')
}

/** Whose an item is, in words: the kind and the place of each account, those that must agree joined by `=`. */
export function accountText(at: AccountAt): string {
  if ('agree' in at) return at.agree.map(accountText).join(' = ')
  return `${at.kind} ${valueText(at.at)}`
}
