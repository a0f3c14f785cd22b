import { createHmac, randomBytes, randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readItems } from '../../src/core/ingest.ts'
import { fingerprint } from '../../src/core/sign.ts'
import type { Clock } from '../../src/deliver/clock.ts'
import type { SendDeps } from '../../src/deliver/send-part.ts'
import { openSender } from '../../src/net/send.ts'
import { providerOf } from '../../src/providers/index.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { listen } from './store-facts.ts'

export const verifierToken = 'verifier-5c0de'
export const ownSecret = `whsec_${Buffer.from('a key of thirty-two bytes, ascii').toString('base64')}`

/** Time that runs `speed` times as fast as the clock on the wall, timers included. */
export function fastClock(speed: number): Clock {
  const from = performance.now()
  const base = Date.now()
  const passed = (): number => (performance.now() - from) * speed
  return {
    now: () => Math.round(base + passed()),
    monotonic: passed,
    random: Math.random,
    setTimer(run, ms) {
      const timer = setTimeout(run, ms / speed)
      return () => clearTimeout(timer)
    },
  }
}

/** A real store with one app, tenants `t1`, `t2` … of accounts `1`, `2` …, and what sending from it needs. */
export interface DeliverHome {
  home: string
  store: Store
  deps: SendDeps
  /** Says where events go from now on. */
  route(...rules: string[]): Promise<void>
  /** Stores a signed delivery with one invoice per account named, and returns its seq. */
  deliver(...accounts: (string | { account: string; pad: string })[]): Promise<number>
  close(): Promise<void>
}

export async function openDeliverHome(clock: Clock, options: Partial<SendDeps> = {}): Promise<DeliverHome> {
  const home = mkdtempSync(join(tmpdir(), 'whs-deliver-'))
  const store = openStore({ home })
  await store.startWriter()
  const app = await store.write('addApp', {
    name: 'qbo',
    provider: quickbooks.id,
    env: 'sandbox',
    clientId: 'id',
    hosts: {},
    settings: {},
    secrets: { webhook: verifierToken },
  })
  for (let tenant = 1; tenant <= 9; tenant++) {
    const account = { app: 'qbo', kind: 'realm', value: `${tenant}`, tenant: `t${tenant}`, release: false }
    await store.write('mapAccount', account)
  }
  const sender = openSender()
  let count = 0
  return {
    home,
    store,
    deps: {
      store,
      definitionOf(id) {
        const definition = providerOf(id)
        if (!definition) throw new Error(`no provider ${id}`)
        return definition
      },
      keysOf: ({ id }) => store.read('readKeys', { appId: id }),
      sender,
      clock,
      allowRemote: false,
      deliver: 'original',
      ownSecret,
      ...options,
    },
    route: (...rules) => listen(store, rules),
    async deliver(...accounts) {
      const items = accounts.map(one =>
        typeof one === 'string' ? invoice(one, ++count) : { ...invoice(one.account, ++count), pad: one.pad },
      )
      const body = Buffer.from(JSON.stringify(items))
      const signature = createHmac('sha256', verifierToken).update(body).digest('base64')
      const sent = ['Host', 'hooks.example', 'Content-Type', 'application/json', 'intuit-signature', signature]
      const headers = [...sent, 'Content-Length', `${body.length}`]
      const { seq } = await store.write('ingestDelivery', {
        appId: app.id,
        receivedAt: Date.now(),
        method: 'POST',
        path: '/hooks/qbo',
        suffix: '',
        body,
        status: 200,
        headers: JSON.stringify(headers),
        secretFingerprint: fingerprint(verifierToken),
        verified: 'signature',
        scheme: 0,
        url: null,
        activation: null,
        refused: 0,
        source: 'delivery',
        items: readItems(quickbooks, {
          method: 'POST',
          headers,
          body,
        }),
      })
      return seq
    },
    async close() {
      await sender.close()
      await store.close()
      rmSync(home, { recursive: true })
    },
  }
}

function invoice(account: string, number: number): object {
  const id = randomBytes(8).toString('hex')
  const type = 'qbo.invoice.created.v1'
  return {
    specversion: '1.0',
    id,
    type,
    time: '2026-03-17T16:19:17Z',
    intuitentityid: `${number}`,
    intuitaccountid: account,
  }
}

/** A request as a handler saw it. */
export interface Seen {
  method: string
  url: string
  rawHeaders: string[]
  headers: IncomingMessage['headers']
  body: Buffer
  tenant: string
  /** The numbers of the invoices in it, in order. */
  invoices: number[]
}

/** A builder's handler: keeps what it got, answers as it is told. It can go away and come back on the same port. */
export interface Handler {
  port: number
  seen: Seen[]
  start(): Promise<void>
  stop(): Promise<void>
}

export async function openHandler(answer: (seen: Seen, response: ServerResponse) => void): Promise<Handler> {
  let server: Server | undefined
  const handler: Handler = { port: await portOfItsOwn(), seen: [], start, stop }

  async function start(): Promise<void> {
    server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', chunk => chunks.push(chunk))
      request.on('end', () => {
        const seen = seenOf(request, Buffer.concat(chunks))
        handler.seen.push(seen)
        answer(seen, response)
      })
    })
    await new Promise<void>((resolve, reject) => {
      server?.once('error', reject).listen(handler.port, '127.0.0.1', resolve)
    })
  }

  async function stop(): Promise<void> {
    if (!server) return
    const closing = new Promise(resolve => server?.close(resolve))
    server.closeAllConnections()
    await closing
    server = undefined
  }

  await start()
  return handler
}

/**
 * A free port that no other test gets while this handler is stopped: one outside the range from which the system hands
 * out ports.
 */
async function portOfItsOwn(): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 32_000)
    const server = createServer()
    const free = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!free) continue
    await new Promise(resolve => server.close(resolve))
    return port
  }
}

function seenOf(request: IncomingMessage, body: Buffer): Seen {
  const { method = '', url = '', rawHeaders, headers } = request
  const parsed = JSON.parse(body.toString()) as { intuitentityid: string }[] | { data: { intuitentityid: string } }
  const items = Array.isArray(parsed) ? parsed : [parsed.data]
  const invoices = items.map(item => Number(item.intuitentityid))
  return { method, url, rawHeaders, headers, body, tenant: String(headers['whs-tenant']), invoices }
}
