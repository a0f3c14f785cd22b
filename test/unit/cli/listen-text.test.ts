import { expect, test } from 'vitest'
import type { ReadyFact } from '../../../src/app/facts.ts'
import { accountWord } from '../../../src/cli/render/account-word.ts'
import { makeListenText } from '../../../src/cli/render/listen-text.ts'
import type { StoredAttempt } from '../../../src/store/attempt-ops.ts'
import type { StoredEvent } from '../../../src/store/event-ops.ts'
import { testIo } from '../../helpers/test-io.ts'

function textFor(columns: number) {
  const io = testIo({ tty: true, columns })
  return makeListenText({ io, version: '1', accountWord, readEvent: async () => null, eager: false })
}

const event = (seq: number, more: Partial<StoredEvent> = {}): StoredEvent =>
  ({
    seq,
    id: `evt_00000${seq}`,
    app: 'qbo',
    tenant: 'acme',
    event: 'invoice.updated',
    receivedAt: Date.now(),
    ...more,
  }) as StoredEvent

test('a repeat is told after what it repeats', async () => {
  const text = textFor(120)
  const forwards = JSON.stringify([{ seq: 1, target: 'http://127.0.0.1:3000', state: 'open', tries: 0 }])
  const item = Buffer.alloc(0)
  const shared = {
    env: 'sandbox',
    verified: 'signature',
    source: 'delivery',
    parts: 1,
    scope: 'tenant',
    resourceType: null,
  } as const
  const first = event(1, { ...shared, repeatOf: null, forwards })
  const again = event(2, { ...shared, repeatOf: first.id, forwards: '[]' })
  expect(await text.lines({ kind: 'event', event: first, item })).toEqual([])
  expect(await text.lines({ kind: 'event', event: again, item })).toEqual([])
  const attempt = {
    eventIds: [first.id],
    eventSeqs: [1],
    number: 1,
    at: Date.now(),
    ms: 2,
    status: 200,
    error: null,
    nextAt: null,
  }
  const lines = await text.lines({ kind: 'attempt', attempt: attempt as unknown as StoredAttempt })
  expect(lines.map(line => /→ 200|repeat of/.exec(line)?.[0])).toEqual(['→ 200', 'repeat of'])
})

test('many apps: how many there are, those with tenants, and no word is broken', async () => {
  const apps = Array.from({ length: 17 }, (_, index) => ({
    name: `app-number-${index}`,
    provider: 'quickbooks',
    env: 'sandbox',
    tenants: index < 9 ? 2 : 0,
  }))
  const ready = { kind: 'ready', url: 'http://localhost:4400', tunnel: 'none', targets: [], apps, moved: [] }
  const open = { open: 0, untaken: 0, oldestAt: null }
  const lines = await textFor(100).lines({ ...ready, open, probedMs: 0 } as unknown as ReadyFact)
  expect(lines[1]).toBe('  17 apps, 9 with tenants')
  const named = lines.filter(line => line.includes('app-number'))
  expect(named.length).toBeGreaterThan(1)
  for (const line of named) {
    expect(line.length).toBeLessThanOrEqual(100)
    expect(line).toMatch(/^ {2}app-number-\d+ sandbox 2 tenants( · app-number-\d+ sandbox 2 tenants)*$/)
  }
  expect(lines.join('\n')).not.toContain('app-number-9 ')
})

test('a hook is named by the provider’s own word for what it is for', async () => {
  const outcome = {
    kind: 'gone',
    app: 'board',
    provider: 'asana',
    tenant: 'acme',
    resource: '77',
    activation: null,
    means: 'gone',
    why: null,
    todo: null,
    nextAt: null,
  } as const
  const [line] = await textFor(120).lines({ kind: 'activation', outcome })
  expect(line).toMatch(/ hook +acme at board, project 77 {2}gone$/)
})
