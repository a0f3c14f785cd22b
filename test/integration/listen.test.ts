import type { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import type { Fact } from '../../src/app/facts.ts'
import { listen } from '../../src/app/listen.ts'
import { appHere, listenOptions } from '../helpers/listener-here.ts'
import { callbackPath, cloudEvents, deliver, prepareHome } from '../helpers/listening.ts'
import { queryFile } from '../helpers/temp-home.ts'

test('a listener whose writer has ended acknowledges nothing more, and ends', async () => {
  const started = new Promise<Worker>(resolve => process.once('worker', resolve))
  const session = await listen(appHere(await prepareHome()), listenOptions(), () => undefined)
  expect((await deliver(session.ready.url, cloudEvents(['1']))).status).toBe(200)
  await (await started).terminate()
  await expect(session.lost).rejects.toMatchObject({ code: 'writer-lost', exit: 1 })
  expect((await deliver(session.ready.url, cloudEvents(['2']))).status).toBe(503)
  expect(await session.stop('over')).toMatchObject({ kind: 'end', counts: { events: 1 } })
})

async function begin() {
  const home = await prepareHome()
  const facts: Fact[] = []
  const session = await listen(appHere(home), listenOptions(), fact => void facts.push(fact))
  onTestFinished(async () => {
    await session.stop('the test is over')
  })
  return { home, facts, url: session.ready.url }
}

test('what cannot be stored is answered 503 and said, once; when it can be again, it is', async () => {
  const { home, facts, url } = await begin()
  queryFile(home, "CREATE TRIGGER full BEFORE INSERT ON deliveries BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
  for (let count = 0; count < 3; count++) {
    const answer = await deliver(url, cloudEvents(['1']))
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  }
  const warnings = facts.filter(fact => fact.kind === 'warning')
  expect(warnings).toMatchObject([{ code: 'not-stored', detail: expect.stringContaining('the disk is full') }])
  queryFile(home, 'DROP TRIGGER full')
  expect((await deliver(url, cloudEvents(['1']))).status).toBe(200)
})

test('a method that brings no delivery is told which one does', async () => {
  const { url } = await begin()
  for (const method of ['GET', 'HEAD', 'PUT', 'OPTIONS', 'DELETE']) {
    const { status, headers } = await fetch(url + callbackPath, { method })
    expect([method, status, headers.get('allow')]).toEqual([method, 405, 'POST'])
  }
})

test('an app whose secret cannot be opened is answered 503 and said; the others go on', async () => {
  const { home, facts, url } = await begin()
  queryFile(home, "INSERT INTO apps (name, provider, env, created_at) VALUES ('broken', 'quickbooks', 'sandbox', 1)")
  queryFile(
    home,
    `INSERT INTO secrets (app_id, name, value_sealed, fingerprint, created_at)
     VALUES ((SELECT id FROM apps WHERE name = 'broken'), 'webhook', zeroblob(40), 'x', 1)`,
  )
  queryFile(home, "UPDATE meta SET value = value + 1 WHERE key = 'config_version'")
  const headers = { 'intuit-signature': Buffer.alloc(32).toString('base64') }
  expect((await fetch(`${url}/hooks/broken`, { method: 'POST', headers, body: '[]' })).status).toBe(503)
  expect((await deliver(url, cloudEvents(['1']))).status).toBe(200)
  const rejected = () => facts.flatMap(fact => (fact.kind === 'rejected' ? [fact.rejected] : []))
  await expect
    .poll(rejected)
    .toMatchObject([{ reason: 'no-secret', detail: expect.stringContaining('cannot be read') }])
})
