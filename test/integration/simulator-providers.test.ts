import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { normaliseAccount } from '../../src/core/account.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { Ingested } from '../../src/core/ingest.ts'
import { providers } from '../../src/providers/index.ts'
import type { AccountFixture } from '../../src/simulate/fixtures.ts'
import { fixtureDir } from '../helpers/fixtures.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import {
  type Arrived,
  type Handler,
  type PortalApp,
  redirectUri,
  type Simulated,
  startHandler,
  startSimulated,
} from '../helpers/simulated.ts'
import {
  type AnyConsent,
  callAt,
  consentAt,
  identityOf,
  readAt,
  takeTokens,
  tokenRequest,
} from '../helpers/simulated-any.ts'
import { hookKey, type ShownHook, verdictOf } from '../helpers/simulated-verdict.ts'

checkLeaks()

let simulated: Simulated
let handler: Handler

beforeEach(async () => {
  simulated = await startSimulated({ providers: played })
  handler = await startHandler()
})
afterEach(async () => {
  await simulated.close()
  await handler.close()
})

const chosen = process.env.WHS_PROVIDER
const played = providers.filter(({ id }) => chosen === undefined || id === chosen)

describe.each(played.map(definition => [definition.id, definition] as const))('%s', (id, definition) => {
  const companies = JSON.parse(readFileSync(join(fixtureDir(id), 'accounts.json'), 'utf8')) as AccountFixture[]
  const [first, second] = companies as [AccountFixture, AccountFixture]
  const kind = definition.accounts[0]?.kind ?? ''

  async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
    const answer = await fetch(`${simulated.base}/${id}${path}`, init)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${answer.status}: ${text}`)
    return (text === '' ? {} : JSON.parse(text)) as T
  }

  async function appNow(): Promise<PortalApp> {
    return ask('PUT', '/portal/apps/default', { redirectUris: [redirectUri], callbackUrl: handler.url })
  }

  test('a consent names the companies that were chosen, by the definition’s own paths', async () => {
    const app = await appNow()
    const many = definition.identity.items !== undefined && definition.ask === undefined
    const consented = many ? [first, second] : [second]
    const consent = await consentAt(definition, app, consented)
    const read = await identityOf(consent)
    expect(read.map(one => one.accounts)).toEqual(consented.map(company => wantedAccounts(definition, company)))
    const isNamed = definition.identity.name !== undefined && definition.identity.from !== 'ask'
    if (isNamed) expect(read.map(({ name }) => name)).toEqual(consented.map(({ name }) => name))
    for (const [index, { learned }] of read.entries()) {
      expect(consented[index]?.slots ?? {}).toMatchObject(learned)
      expect(Object.keys(learned)).toEqual(Object.keys(definition.identity.learn ?? {}))
    }
    await proves(consent, consented[0] as AccountFixture)
    await refreshes(consent)
  })

  async function proves({ app, slots }: AnyConsent, company: AccountFixture): Promise<void> {
    const { prove } = definition.identity
    if (!prove) return
    const proved = await callAt(app, prove.call, { ...slots, ...accountSlots(definition, company) })
    expect(proved).toMatchObject({ status: 200, failed: false })
    const { equals, name } = prove
    if (equals && !equals.includes('[*]')) {
      expect(normal(definition, kind, readAt(proved.body, equals))).toBe(normal(definition, kind, company.values[kind]))
    }
    if (name && !name.includes('[*]')) expect(readAt(proved.body, name)).toBe(company.name)
    const wrong = await callAt(app, prove.call, {
      ...slots,
      ...accountSlots(definition, company),
      token: 'nonsense',
      'secret.client': 'nonsense',
    })
    expect(wrong.failed).toBe(true)
  }

  async function refreshes({ app, slots }: AnyConsent): Promise<void> {
    if (definition.oauth.kind === 'callback' || definition.oauth.refresh.kind === 'none') return
    const again = await tokenRequest(definition, app, slots, {
      grant_type: 'refresh_token',
      refresh_token: slots.refreshToken as string,
    })
    expect(again.status).toBe(200)
    const before = { ...slots }
    takeTokens(definition, slots, again.body)
    expect(slots.token).not.toBe(before.token)
    const kept = slots.refreshToken === before.refreshToken
    expect(kept).toBe(definition.oauth.refresh.kind === 'stable')
  }

  test('every sample arrives, is accepted by the definition, and is the company’s; a forged one is not', async () => {
    const app = await appNow()
    const perApp = definition.activation.per === 'app'
    const hook = perApp ? null : await ask<ShownHook>('POST', '/portal/hooks', hookWish())
    const judge = (arrived: Arrived): Promise<Ingested> =>
      verdictOf({ definition, app, hook, callback: handler.url }, arrived)
    for (const { shape, event } of samplesOf(definition)) {
      const arrived = await deliver({ account: first.name, event, shape })
      const found = await judge(arrived)
      expect(found, `${shape} ${event}`).toMatchObject({ outcome: 'accepted', items: [{ event, fault: null, shape }] })
      if (found.outcome !== 'accepted') continue
      for (const item of found.items) {
        const named = item.accounts.flat().map(account => `${account.kind}:${account.value}`)
        const own = Object.entries(first.values).map(([name, value]) => `${name}:${normal(definition, name, value)}`)
        if (hook && definition.activation.kind) own.push(`${definition.activation.kind}:${hook.id}`)
        expect(
          named.filter(one => !own.includes(one)),
          `${shape} ${event}`,
        ).toEqual([])
        expect(named.length > 0 || item.scope === 'app' || item.activation !== null, `${shape} ${event}`).toBe(true)
      }
    }
    const [sample] = samplesOf(definition)
    const forged = await deliver({ account: first.name, ...sample, forge: true })
    expect(await judge(forged)).toMatchObject({ outcome: 'rejected' })
    if (hook) await fetch(`${simulated.base}/${id}/portal/hooks/${encodeURIComponent(hook.id)}`, { method: 'DELETE' })
  })

  function hookWish(): object {
    return { account: first.name, url: handler.url, ...(definition.activation.keyed ? { key: hookKey } : {}) }
  }

  async function deliver(wish: object): Promise<Arrived> {
    const before = handler.arrived.length
    await ask('POST', '/control/change', wish)
    expect(handler.arrived.length).toBe(before + 1)
    return handler.arrived[before] as Arrived
  }

  test('its page can be used', async () => {
    const page = await (await fetch(`${simulated.base}/${id}`)).text()
    for (const text of [definition.name.replaceAll('&', '&amp;'), first.name, 'What was sent']) {
      expect(page).toContain(text)
    }
  })
})

function accountSlots(definition: ProviderDefinition, { values }: AccountFixture): Record<string, string> {
  const slots = Object.entries(values).map(([kind, value]) => [`account.${kind}`, value])
  return { ...Object.fromEntries(slots), account: values[definition.accounts[0]?.kind ?? ''] ?? '' }
}

function wantedAccounts(definition: ProviderDefinition, { values }: AccountFixture): Record<string, string> {
  const kinds = Object.keys(definition.identity.accounts)
  return Object.fromEntries(kinds.map(kind => [kind, values[kind] as string]))
}

function normal(definition: ProviderDefinition, kind: string, value: string | undefined): string | undefined {
  const how = definition.accounts.find(account => account.kind === kind)?.normalise ?? 'text'
  return value === undefined ? undefined : normaliseAccount(how, value)
}

function samplesOf({ id, webhook }: ProviderDefinition): { shape: string; event: string }[] {
  return webhook.shapes.flatMap(({ name: shape }) => {
    const dir = join(fixtureDir(id), 'samples', shape)
    const files = existsSync(dir) ? readdirSync(dir).filter(file => !file.endsWith('.headers.json')) : []
    return files.map(file => ({ shape, event: file.replace(/\.(json|form|empty)$/, '') }))
  })
}
