import { Buffer } from 'node:buffer'
import { Agent, request } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { header } from '../../src/core/headers.ts'
import type { PublicKeys } from '../../src/core/keyring.ts'
import { type Door, openDoor } from '../../src/net/door.ts'
import { providers } from '../../src/providers/index.ts'
import { makeReceiver } from '../../src/receive/receiver.ts'
import type { ReceivingApp } from '../../src/receive/receiving-app.ts'
import { type Dice, rollDice } from '../helpers/dice.ts'
import { type FuzzApp, fuzzApps } from '../helpers/fuzz-apps.ts'
import { type FuzzRequest, mutateBody, mutateRest } from '../helpers/mutate.ts'
import { receiverDeps } from '../helpers/receiving.ts'
import { sized } from '../helpers/sized.ts'
import { listen } from '../helpers/store-facts.ts'
import { queryFile, tempStore } from '../helpers/temp-home.ts'

const requests = sized(1_500, 100_000)
const together = 30
const hour = 3_600_000

/** A request, to which app it goes, and whether it must not be taken. */
interface Made extends FuzzRequest {
  number: number
  to: string
  isForged: boolean
}

test('made-up requests over all providers: no crash, nothing but 503 for want of a secret, nothing unverified is relayed, no tenant is crossed', {
  timeout: sized(120_000, 1_200_000),
}, async () => {
  const dice = rollDice()
  const store = await tempStore()
  await listen(store, ['3000'])
  const apps = fuzzApps(store, providers)
  const known = new Map<string, ReceivingApp>()
  const faults: unknown[] = []
  let now = 0
  let keys: PublicKeys = {}
  const door = await openDoor({
    port: 0,
    routes: [],
    now: () => now,
    raw: makeReceiver({
      ...receiverDeps(store),
      loadApps: async () => known,
      publishedKeys: { known: async () => keys, refresh: async () => true },
      now: () => now,
      onFault: error => void faults.push(error),
    }),
  })
  onTestFinished(() => door.close())
  const agent = new Agent({ keepAlive: true, maxSockets: together })
  onTestFinished(() => agent.destroy())

  let seen = { delivery: 0, rejected: 0 }
  let accepted = 0
  let other: FuzzApp | undefined
  for (let number = 0; number < requests; number += together) {
    const app = await dice.pick(apps)()
    known.set(app.receiving.name, app.receiving)
    now = app.at + dice.pick([0, 0, 0, 0, hour, -hour, 9_000 * hour])
    keys = app.keys
    const made = Array.from({ length: together }, (_, index) => make(app, other, number + index, dice))
    const answers = await Promise.all(made.map(one => send(door, agent, one)))
    const taken = numbersIn(store.home, 'deliveries', seen.delivery)
    const refused = numbersIn(store.home, 'rejected', seen.rejected)
    seen = { delivery: taken.last, rejected: refused.last }
    accepted += taken.rows.size
    const wrong = made.filter((one, index) => {
      const status = answers[index] as number
      if (one.isForged && taken.rows.has(one.number)) return true
      if (status === 503) return refused.rows.get(one.number) !== 'no-secret'
      return status === 0 || status >= 500
    })
    const told = wrong.map(one => ({ ...one, body: one.body.toString('latin1'), status: answers[made.indexOf(one)] }))
    expect(told).toEqual([])
    expect(faults).toEqual([])
    other = app
  }
  expect(accepted).toBeGreaterThan(requests / 10)
  expect(queryFile(store.home, crossed)).toEqual([])
  expect(queryFile(store.home, unverified)).toEqual([])
  expect(queryFile(store.home, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
})

/** Events of a tenant who neither has their account nor owns the hook that they came by, or of another app. */
const crossed = `SELECT e.seq, a.name, t.name AS tenant FROM events e JOIN apps a ON a.id = e.app_id JOIN tenants t ON t.id = e.tenant_id
  WHERE substr(t.name, 1, length(a.name) + 1) <> a.name || '-'
  OR (e.bound_tenant_id IS NOT NULL AND e.bound_tenant_id <> e.tenant_id)
  OR (e.bound_tenant_id IS NULL AND NOT EXISTS
    (SELECT 1 FROM mappings m WHERE m.account_id = e.account_id AND m.tenant_id = e.tenant_id))`

const unverified = `SELECT f.seq FROM forwards f JOIN deliveries d ON d.seq = f.delivery_seq
  WHERE d.scheme IS NULL OR d.verified NOT IN ('signature', 'token')`

function make(app: FuzzApp, other: FuzzApp | undefined, number: number, dice: Dice): Made {
  const { name } = app.receiving
  const good = dice.pick(app.good)
  const changed = { ...good, body: mutateBody(good.body, dice) }
  const way = dice.below(10)
  if (way === 0) return { ...app.sign(good), number, to: name, isForged: false }
  if (way === 1 && other && other.definition.id !== app.definition.id) {
    return { ...app.sign(good), number, to: other.receiving.name, isForged: true }
  }
  if (way < 5) return { ...mutateRest(app.sign(good), dice), number, to: name, isForged: false }
  const isForged = app.isWholeBodySigned && !changed.body.equals(good.body)
  return { ...app.sign(changed), number, to: name, isForged }
}

function send({ port }: Door, agent: Agent, { method, headers, body, suffix, to, number }: Made): Promise<number> {
  return new Promise(resolve => {
    const path = encodeURI(`/hooks/${to}`) + suffix.replaceAll(/[^!-~]/g, '')
    const sent = request({ agent, host: '127.0.0.1', port, method, path }, answer => {
      answer.resume()
      answer.on('close', () => resolve(answer.statusCode ?? 0))
    })
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index] as string
      if (/^(host|content-length|connection|transfer-encoding|expect|upgrade)$/i.test(name)) continue
      sent.appendHeader(name, headers[index + 1] as string)
    }
    const bytes = method === 'HEAD' ? Buffer.alloc(0) : body
    sent.setHeader('content-length', bytes.length)
    sent.setHeader('x-fuzz', number)
    sent.on('error', () => resolve(0))
    sent.end(bytes)
  })
}

/** The numbers of requests that were stored behind a seq, with why they were rejected. */
function numbersIn(
  home: string,
  table: 'deliveries' | 'rejected',
  after: number,
): { rows: Map<number, string>; last: number } {
  const reason = table === 'rejected' ? 'reason' : "''"
  const sql = `SELECT seq, headers, ${reason} AS reason FROM ${table} WHERE seq > ? ORDER BY seq`
  const found = queryFile<{ seq: number; headers: string; reason: string }>(home, sql, after)
  const rows = found.map(row => [Number(header(JSON.parse(row.headers), 'x-fuzz')), row.reason] as const)
  return { rows: new Map(rows), last: found.at(-1)?.seq ?? after }
}
