import { Buffer } from 'node:buffer'
import { isActivationKey } from '../core/activation-key.ts'
import type { Slots } from '../core/fill-text.ts'
import { clip, safeText } from '../core/text.ts'
import { type ItemContext, readValue } from '../core/value.ts'

const places = [
  '$.error.message',
  '$.error_description',
  '$.message',
  '$.detail',
  '$.description',
  '$.errors[0].message',
  '$.errors[0].detail',
  '$.error.description',
  '$.error',
  '$.title',
  '$.errors[0]',
]

/** What the provider says, safe to show, without what it may repeat of our secrets. */
export function providersText(context: ItemContext | undefined, body: Buffer, filled: Slots): string {
  const found = places.map(path => context && readValue(context, path)?.text).find(Boolean)
  const isPage = /^\s*</.test(body.toString('utf8', 0, 40))
  const text = found ?? (isPage ? '' : body.toString('utf8', 0, 4096).trim())
  return clip(safeText(withoutSecrets(text, filled)), 200)
}

/** A text of the provider's with every secret that the request was filled with masked, in each form that it may repeat. */
export function withoutSecrets(text: string, filled: Slots): string {
  const forms = [...new Set(secretsIn(filled).flatMap(formsOf))].sort((a, b) => b.length - a.length)
  const plain = forms.reduce((rest, form) => rest.replaceAll(form, '***'), text)
  return plain.replace(base64, run => (holds(run, forms) ? '***' : run))
}

function secretsIn(filled: Slots): string[] {
  const named = Object.entries(filled).filter(([name]) =>
    /^(token|refreshToken|verifier|secret.*|callback\.code)$/.test(name),
  )
  const key = (filled.callback ?? '').split('/').at(-1) ?? ''
  const values = named.map(([, value]) => value).filter(value => value.length >= 6)
  return isActivationKey(key) ? [...values, key] : values
}

function formsOf(secret: string): string[] {
  const encoded = encodeURIComponent(secret)
  return [secret, encoded, encodeURIComponent(encoded), secret.replaceAll('/', '\\/')]
}

/** Basic credentials hold a secret behind a name, perhaps within a URL. */
const base64 = /(?:[A-Za-z0-9+/_-]|%2[BF]){8,}(?:=|%3D){0,2}/gi

/** Whether a run of base64 holds one of some texts; what stands before it may look like a part of it (`%20`). */
function holds(run: string, forms: string[]): boolean {
  const letters = decodeURIComponent(run)
  const readings = [0, 1, 2, 3].map(from => Buffer.from(letters.slice(from), 'base64').toString('latin1'))
  return readings.some(reading => forms.some(form => reading.includes(form)))
}
