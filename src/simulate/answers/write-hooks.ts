import type { Buffer } from 'node:buffer'
import type { ActivationApi, Moment } from '../../core/activation-definition.ts'
import type { Hook } from '../hooks.ts'
import type { World } from '../world.ts'
import { readAnswer } from './read-answer.ts'
import { lastPage, makeHold, type PickItem, writeAnswer, writeItems } from './write-answer.ts'

/** The answer to the call that made a hook. What it says is what later calls must bring. */
export function madeAnswer({ fixtures }: World, { made }: ActivationApi, hook: Hook): Buffer {
  const { id, secret, expires, keep = {} } = made
  let body = fixtures.answer('activation-create')
  for (const [name, value] of Object.entries(keep)) body = writeAnswer(body, value, hook.kept[name] ?? '')
  if (secret !== undefined && hook.secret !== null) body = writeAnswer(body, secret, hook.secret)
  body = momentAnswer(body, expires, hook.expiresAt)
  if (typeof id === 'string' || !('chosen' in id)) body = writeAnswer(body, id, hook.id)
  for (const [name, value] of Object.entries(keep)) {
    const text = readAnswer(body, value)
    if (text !== undefined) hook.kept[name] = text
  }
  return body
}

/** What stands, as the provider lists it. */
export function listAnswer({ fixtures }: World, list: NonNullable<ActivationApi['list']>, hooks: Hook[]): Buffer {
  const { call, items, where, id, url, resource, expires, secret, keep = {} } = list
  const body = writeItems(fixtures.answer('activation-list'), items, where, hooks.length, (bytes, index, pick) => {
    const hook = hooks[index] as Hook
    let written = where === undefined ? bytes : makeHold(bytes, where, pick)
    if (url !== undefined) written = writeAnswer(written, url, hook.url ?? '', pick)
    if (resource !== undefined && hook.resource !== null) written = writeAnswer(written, resource, hook.resource, pick)
    written = momentAnswer(written, expires, hook.expiresAt, pick)
    if (secret !== undefined && hook.secret !== null) written = writeAnswer(written, secret, hook.secret, pick)
    for (const [name, value] of Object.entries(keep)) written = writeAnswer(written, value, hook.kept[name] ?? '', pick)
    return writeAnswer(written, id, hook.id, pick)
  })
  return lastPage(call, body)
}

/** An answer that says when something ends, where it says that at all. */
export function momentAnswer(body: Buffer, expires: Moment | undefined, at: number | null, pick?: PickItem): Buffer {
  return expires && at !== null ? writeAnswer(body, expires.at, momentText(expires, at), pick) : body
}

function momentText({ unit }: Moment, at: number): string {
  if (unit === 'iso') return new Date(at).toISOString()
  return String(unit === 's' ? Math.floor(at / 1000) : at)
}
