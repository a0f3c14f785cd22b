import { Buffer } from 'node:buffer'
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BodyView, EventPage, EventRow, EventView, RejectedView } from '../../src/inspect/api.ts'
import { type InspectorClient, signIn } from '../helpers/inspector-client.ts'
import { hostile } from '../helpers/inspector-odd.ts'
import { type InspectorWorld, openInspectorWorld } from '../helpers/inspector-world.ts'
import { token } from '../helpers/listening.ts'

let world: InspectorWorld
let client: InspectorClient
let rows: EventRow[]
const view = (id: string): Promise<EventView> => client.get(`/api/events/${id}`)
const bytesOf = ({ kind, text }: BodyView): Buffer => Buffer.from(text, kind === 'binary' ? 'base64' : 'utf8')

async function find(fits: (row: EventRow) => boolean): Promise<EventView> {
  const row = rows.find(fits)
  if (!row) throw new Error('no event is like that')
  return view(row.id)
}

beforeAll(async () => {
  world = await openInspectorWorld()
  client = await signIn(await world.link())
  rows = (await client.get<EventPage>('/api/events?limit=500')).rows
})
afterAll(() => world.close())

test('the exact bytes are there, and in them the item and the very value that named the tenant', async () => {
  const seen = { json: 0, form: 0 }
  for (const { id, account, scope } of rows) {
    const { body, item, explanation, request } = await view(id)
    const stored = await world.app.store().read('findByEnd', { end: id.slice(4) })
    const seq = stored.events[0]?.seq ?? 0
    const event = await world.app.store().read('readEvent', { seq })
    const bytes = bytesOf(body)
    expect(body.cut ? bytes.length <= request.bytes : bytes.length === request.bytes).toBe(true)
    if (item) expect([item.from, item.to - item.from]).toEqual([event?.start, event?.length])
    const { value, header } = explanation
    if (header)
      expect(request.headers).toContainEqual([expect.stringMatching(new RegExp(`^${header.name}$`, 'i')), header.text])
    if (!value) continue
    const raw = bytes.subarray(value.from - body.from, value.to - body.from).toString()
    const text =
      body.kind === 'json' ? (JSON.parse(`"${raw}"`) as string) : decodeURIComponent(raw.replaceAll('+', ' '))
    expect([id, normal(text)]).toEqual([id, expect.stringContaining(normal(account ?? '').replace(/^https?:\/\//, ''))])
    if (item) expect(value.from >= item.from && value.to <= item.to).toBe(true)
    seen[body.kind === 'json' ? 'json' : 'form']++
    if (scope === 'tenant')
      expect(explanation.steps.map(({ about }) => about)).toEqual(
        expect.arrayContaining(['verification', 'split', 'tenant', 'mapping']),
      )
  }
  expect(seen.json).toBeGreaterThan(200)
  expect(seen.form).toBeGreaterThan(10)
})

/** As accounts are stored: in one spelling. */
function normal(text: string): string {
  return text.toLowerCase().replace(/^\+/, '')
}

test('an explanation tells, sentence by sentence, what `whs explain` tells', async () => {
  const { explanation, siblings, row } = await find(({ part }) => part === '2/3')
  const texts = explanation.steps.map(({ text }) => text).join('\n')
  expect(texts).toMatch(/came to quickbooks \(sandbox\) and was answered 200/)
  expect(texts).toMatch(
    /verified: HMAC-SHA256 over \d+ bytes \(body\), by the webhook secret [0-9a-f]{8} of quickbooks/,
  )
  expect(texts).toMatch(/3 items by \$\[\*\], this one at \/1; its shape is cloudevents/)
  expect(texts).toMatch(/realmId 2 at \/1\/intuitaccountid → globex/)
  expect(texts).toMatch(/connection of globex, consent of /)
  expect(explanation.steps.every(({ good }) => good)).toBe(true)
  expect(explanation.value).toMatchObject({ path: '/1/intuitaccountid', text: '2' })
  expect(siblings.map(({ tenant }) => String(tenant)).toSorted((left, right) => left.localeCompare(right))).toEqual([
    'acme',
    'initech',
  ])
  expect(row.tenant).toBe('globex')
})

test('what is parked, unverified or unreadable says so, and how it is claimed', async () => {
  const parked = await find(({ account }) => account === '9341453900000009999')
  expect(parked.commands.claim).toBe('whs tenants map <tenant> --app quickbooks --account 9341453900000009999')
  expect(parked.edit).toEqual({ no: expect.stringContaining('parked') })
  expect(parked.explanation.steps.find(({ about }) => about === 'mapping')).toMatchObject({ good: false })
  const unverified = await find(({ verified, source }) => verified === 'none' && source === 'delivery')
  expect(unverified.explanation.steps[1]).toMatchObject({ good: false, text: expect.stringContaining('not verified') })
  expect(unverified.edit).toEqual({ no: expect.stringContaining('never verified') })
  const binary = await find(({ reason }) => reason === 'unreadable')
  expect(binary.body.kind).toBe('binary')
  expect(bytesOf(binary.body)).toEqual(Buffer.from(Array.from({ length: 700 }, (_, index) => (index * 89) % 256)))
})

test('attempts come with what was answered; secrets in it are covered, and its mark in what is edited is no secret', async () => {
  const { attempts } = await find(({ app, forwards }) => app === 'quickbooks' && forwards[0]?.tries === 3)
  expect(attempts.map(({ status, number }) => [number, status])).toEqual([
    [1, 500],
    [2, 503],
    [3, 200],
  ])
  expect(attempts[0]?.body.text).toContain(`SECRET=${'*'.repeat(token.length)}`)
  expect(attempts[0]?.headers).toContainEqual(['set-cookie', expect.stringContaining('…')])
  expect(attempts[0]?.hint).toContain('the handler failed')
  const holding = await find(row => row.id === rows[0]?.id || false)
  expect(holding.request.headers).toContainEqual(['authorization', expect.not.stringContaining('s3cret')])
  const found = await client.get<EventPage>('/api/events?search=12345678901234567890')
  const { body, edit, item } = await view(found.rows[0]?.id ?? '')
  expect(body.text).toContain(`"secret":"${'*'.repeat(token.length)}"`)
  expect('text' in edit && edit.text).toMatch(
    /"secret":"\*\*\*secret [0-9a-f]{8}\*\*\*","big":12345678901234567890,"big":1/,
  )
  expect(item).not.toBeNull()
})

test('a long body is shown around its item, and says from where', async () => {
  const { rows: long } = await client.get<EventPage>('/api/events?search=yyyyyyyy')
  const longest = await view(long[0]?.id ?? '')
  expect(longest.request.bytes).toBeGreaterThan(1_048_576)
  expect(longest.body).toMatchObject({ cut: true, from: 0, kind: 'json' })
  expect(bytesOf(longest.body)).toHaveLength(1_048_576)
  expect(longest.edit).toEqual({ no: expect.stringContaining('too long') })
})

test('the curl command sends the same bytes', async () => {
  const { curl, body } = await find(({ resource }) => resource?.id === hostile[0])
  const data = /--data-binary '((?:[^']|'\\'')*)'/.exec(curl)?.[1]?.replaceAll("'\\''", "'")
  expect(data ?? decoded(curl)).toBe(body.text)
  expect(curl).not.toContain('authorization')
  const shell = spawnSync('sh', ['-n', '-c', curl])
  expect(shell.status).toBe(0)
  const binary = await find(({ reason }) => reason === 'unreadable')
  expect(binary.curl).toContain('| base64 -d | curl')
})

function decoded(curl: string): string {
  return Buffer.from(/^printf %s '?([A-Za-z0-9+/=]+)'?/.exec(curl)?.[1] ?? '', 'base64').toString()
}

test('a rejected request is a view of the same form, with what was tried', async () => {
  const heaps = await client.get<RejectedView[]>('/api/rejected')
  const reasons = ['body-changed', 'missing-header', 'no-secret', 'too-old', 'wrong-secret']
  expect(new Set(heaps.map(({ reason }) => reason))).toEqual(new Set(reasons))
  expect(heaps.map(({ times }) => times)).toEqual(reasons.map(() => 8))
  const heap = heaps.find(({ reason }) => reason === 'wrong-secret')
  expect(heap?.next).toBe(`whs explain ${heap?.lastId}`)
  const rejected = await view(heap?.lastId ?? '')
  expect(rejected).toMatchObject({
    row: { scope: 'rejected', reason: 'wrong-secret' },
    item: null,
    attempts: [],
    record: null,
  })
  const texts = rejected.explanation.steps.map(({ text }) => text).join('\n')
  expect(texts).toMatch(/wanted: header intuit-signature, HMAC-SHA256 in base64 over the exact body/)
  expect(texts).toMatch(/tried: the secrets of /)
  expect(rejected.edit).toEqual({ no: 'it never verified, so it is not sent again' })
})

test('the thing that was fetched is shown, with secrets covered, and so is why it could not be; open pages are told', async () => {
  const store = world.app.store()
  const [row, other] = rows.filter(({ tenant }) => tenant === 'umbrella') as [EventRow, EventRow]
  const watching = await client.watch('/api/stream?tenant=umbrella')
  expect((await view(row.id)).record).toBeNull()
  const answer = Buffer.from(`{"Invoice":{"Id":"130","note":"${token}","big":12345678901234567890},"time":"x"}`)
  const start = answer.indexOf('{', 1)
  const thing = { start, length: answer.lastIndexOf('}', answer.length - 2) + 1 - start }
  const kept = { at: 1_700_000_000_000, ms: 12, status: 200, deleted: false, call: '/invoice/130', nextAt: null }
  await store.write('keepRecord', { eventSeqs: [row.seq], ...kept, body: answer, ...thing, failure: null })
  await watching.until('row', ({ id }: EventRow) => id === row.id)
  watching.close()
  expect((await view(row.id)).record).toEqual({
    at: 1_700_000_000_000,
    status: 200,
    deleted: false,
    failure: null,
    nextAt: null,
    body: {
      kind: 'json',
      text: `{"Id":"130","note":"${'*'.repeat(token.length)}","big":12345678901234567890}`,
      cut: false,
      from: 0,
    },
  })
  const failure = { code: 'no-connection', what: 'it was not asked', why: null, next: 'whs connect quickbooks' }
  const nothing = { status: null, body: null, start: 0, length: 0 }
  await store.write('keepRecord', { eventSeqs: [other.seq], ...kept, ...nothing, failure })
  const { why: _, ...told } = failure
  expect((await view(other.id)).record).toMatchObject({ status: null, failure: told, body: { kind: 'none' } })
})

test('an id that names nothing is told', async () => {
  for (const id of ['evt_01ZZZZZZZZZZZZZZZZZZZZZZZZ', 'x', '..', encodeURIComponent(hostile[0] as string)]) {
    await expect(view(id)).rejects.toThrow('was answered 404')
  }
})
