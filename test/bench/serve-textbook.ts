import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import express from 'express'
import { token } from './deliveries.ts'

/**
 * What a tutorial would write: express, the signature over the raw body, one INSERT a request, the answer after it.
 * The database is as durable as ours (WAL, every commit synced). It resolves no tenant and splits nothing.
 */
const database = new Database(join(process.argv[2] as string, 'textbook.db'))
database.pragma('journal_mode = WAL')
database.pragma('synchronous = FULL')
database.exec('CREATE TABLE deliveries (id INTEGER PRIMARY KEY, received_at TEXT, body TEXT)')
const insert = database.prepare('INSERT INTO deliveries (received_at, body) VALUES (?, ?)')

const app = express()
app.use(express.json({ verify: verifySignature }))
app.post('/hooks/quickbooks', (request, response) => {
  insert.run(new Date().toISOString(), JSON.stringify(request.body))
  response.sendStatus(200)
})
const server = app.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))

function verifySignature(request: IncomingMessage, _response: unknown, body: Buffer): void {
  const given = Buffer.from(String(request.headers['intuit-signature']))
  const own = Buffer.from(createHmac('sha256', token).update(body).digest('base64'))
  if (given.length !== own.length || !timingSafeEqual(given, own)) throw new Error('wrong signature')
}
