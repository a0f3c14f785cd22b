import type { App } from '../app/app.ts'
import { consentDeps } from '../app/consent-deps.ts'
import { keyCommand } from '../connect/broken.ts'
import { connectByKey } from '../connect/connect-by-key.ts'
import { isKeyOnly } from '../core/credentials-definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { ConsentWish } from '../store/consent-ops.ts'
import { hooksOfConsent, printConnections } from './connected.ts'
import { consentQuestions } from './consent-questions.ts'
import type { Io } from './io.ts'
import { iso, jsonLine, outcomeRecords } from './render/records.ts'
import { readSecret } from './secret-input.ts'

export interface KeyFlags {
  key?: string
  link?: boolean
  scopes?: string
  activate: boolean
}

/** Whether a tenant comes by a key: it is wished, or there is no other way. @throws WhsError `no-consent-here` (exit 2) */
export function comesByKey(app: App, { provider, name }: StoredApp, { key, link, scopes }: KeyFlags): boolean {
  const isOnly = isKeyOnly(app.definitionOf(provider))
  if (key === undefined && !isOnly) return false
  const idle = link ? '--link' : scopes === undefined ? undefined : '--scopes'
  if (idle === undefined) return true
  throw new WhsError({
    code: 'no-consent-here',
    exit: exits.usage,
    what: `${idle} has no effect here`,
    why: isOnly ? `${app.definitionOf(provider).name} has no consent: a tenant gives a key` : 'a key is no consent',
    next: keyCommand({ app: name, tenant: 'acme' }),
  })
}

/** Reads a tenant's key from a question or from stdin, proves it by a call, and connects. */
export async function connectWithKey(
  io: Io,
  app: App,
  stored: StoredApp,
  { wish, flags }: { wish: Omit<ConsentWish, 'asks'>; flags: KeyFlags },
): Promise<number> {
  const { label = 'key', where } = app.definitionOf(stored.provider).credentials?.key ?? {}
  const line = keyCommand({ app: stored.name, tenant: wish.tenants[0]?.tenant ?? null })
  if (flags.key === undefined && !io.mayAsk) throw noKey(label, line)
  if (io.isTty.in && where !== undefined) io.note(`${label}: ${where}`)
  const key = await readSecret(io, flags.key ?? '-', label, line, '--key')
  const questions = consentQuestions(io, false)
  const connections = await connectByKey(consentDeps(app, questions), { app: stored.name, wish, key })
  if (io.output === 'json') {
    const ended = { app: stored.name, wish: { ...wish, asks: false }, outcome: { ok: true as const, connections } }
    for (const record of outcomeRecords(ended, iso(io.now()))) await io.out(jsonLine(record))
  } else await printConnections(io, stored, connections)
  return hooksOfConsent(io, app, stored, { connections, activates: flags.activate })
}

function noKey(label: string, next: string): WhsError {
  const why = 'nobody can be asked, and no --key - says that stdin holds it'
  return new WhsError({ code: 'secret-missing', exit: exits.usage, what: `the ${label} is missing`, why, next })
}
