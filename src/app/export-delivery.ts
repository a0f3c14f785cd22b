import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { curlScript } from '../core/curl-script.ts'
import { exits, WhsError } from '../core/errors.ts'
import { bodyHash, type ExportedDelivery, headerPairs } from '../core/exported-delivery.ts'
import type { RawHeaders } from '../core/headers.ts'
import { type MaskedDelivery, maskExport } from '../core/mask-export.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { StoredDeliveryRow, StoredEvent } from '../store/event-ops.ts'
import { isOwn } from '../store/own-delivery-ops.ts'
import type { StoredRejected } from '../store/rejected-ops.ts'
import type { App } from './app.ts'
import { withRecords } from './export-records.ts'

/** Which request is written down, and how. */
export interface ExportWish {
  request: { deliverySeq: number } | { rejectedSeq: number }
  as: 'json' | 'curl'
  /** The directory, made where it is not there. */
  out: string
}

/** What was written. */
export interface WrittenExport {
  delivery: ExportedDelivery
  /** The file that names the others, then that with the body, and those with what was fetched. */
  files: [main: string, body: string, ...records: string[]]
}

/**
 * Writes a delivery, or a rejected request, into two files: the facts (or a script), and the bytes of the body. What is
 * a secret is masked. Files are the person's alone (0600, the script 0700). Null where it is gone by now.
 * @throws WhsError `export-failed`, `not-posted` (exit 2)
 */
export async function exportDelivery(app: App, { request, as, out }: ExportWish): Promise<WrittenExport | null> {
  const made = await exported(app, request)
  if (!made) return null
  const { delivery, body } = made
  const isJson = as === 'json' && 'deliverySeq' in request
  const secretsOf = (stored: Parameters<typeof secretsOfApp>[1]): Promise<string[]> => secretsOfApp(app, stored)
  const records = isJson ? await withRecords(app, request.deliverySeq, delivery, secretsOf) : []
  const main = join(out, `${delivery.id}.${as === 'json' ? 'json' : 'sh'}`)
  const bodyFile = join(out, delivery.bodyFile)
  try {
    await mkdir(out, { recursive: true, mode: 0o700 })
    await write(bodyFile, body, 0o600)
    for (const record of records) await write(join(out, record.file), record.body, 0o600)
    if (as === 'json') await write(main, `${JSON.stringify(delivery, null, 2)}\n`, 0o600)
    else await write(main, Buffer.from(curlScript(delivery), 'latin1'), 0o700)
  } catch (cause) {
    throw failed(out, cause as Error)
  }
  return { delivery, files: [main, bodyFile, ...records.map(({ file }) => join(out, file))] }
}

/** In the place of an older one, whole or not at all; never through a link that stands there. */
async function write(file: string, data: Buffer | string, mode: number): Promise<void> {
  const part = `${file}.${randomBytes(6).toString('hex')}.part`
  try {
    await writeFile(part, data, { flag: 'wx', mode })
    await rename(part, file)
  } finally {
    await rm(part, { force: true })
  }
}

async function exported(
  app: App,
  request: ExportWish['request'],
): Promise<{ delivery: ExportedDelivery; body: Buffer } | null> {
  const store = app.store()
  const isRejected = 'rejectedSeq' in request
  const row = isRejected
    ? await store.read('readRejected', { seq: request.rejectedSeq })
    : await store.read('readDelivery', { seq: request.deliverySeq })
  if (!row) return null
  if (isOwn(row.source)) throw notPosted(row.id)
  const { id, provider, env, receivedAt, method, path, status } = row
  const safe = await maskedRequest(app, row)
  const delivery: ExportedDelivery = {
    whs: 'delivery',
    version: 1,
    id,
    provider,
    app: row.app,
    env,
    receivedAt: new Date(receivedAt).toISOString(),
    method,
    path,
    suffix: safe.suffix,
    headers: headerPairs(safe.headers),
    masked: safe.masked,
    bodyFile: `${id}.body`,
    bytes: isRejected ? (row as StoredRejected).bytes : row.body.length,
    sha256: bodyHash(safe.body),
    status,
    ...(isRejected ? rejectedFacts(row as StoredRejected) : await provedFacts(app, row as StoredDeliveryRow)),
  }
  return { delivery, body: safe.body }
}

/** A request without what is a secret. */
export async function maskedRequest(app: App, row: StoredDeliveryRow | StoredRejected): Promise<MaskedDelivery> {
  const { method, headers, body, suffix } = row
  const request = { method, headers: JSON.parse(headers) as RawHeaders, body, suffix }
  return maskExport(
    app.definitionOf(row.provider),
    request,
    await secretsOfApp(app, { ...row, id: row.appId, name: row.app }),
  )
}

/** Every secret of an app that is valid or was. */
export async function secretsOfApp(app: App, stored: Pick<StoredApp, 'id' | 'name' | 'provider'>): Promise<string[]> {
  const keys = await app.keysOf(stored)
  const old = await app.store().read('readOldKeys', { appId: stored.id })
  return [...keys, ...old].map(({ value }) => value)
}

type Facts = Pick<ExportedDelivery, 'verified' | 'scheme' | 'url' | 'rejected' | 'events'>

function rejectedFacts({ reason, detail }: StoredRejected): Facts {
  return { verified: 'none', scheme: null, url: null, rejected: { reason, detail }, events: [] }
}

async function provedFacts(app: App, { seq, provider, verified, scheme, url }: StoredDeliveryRow): Promise<Facts> {
  const events = await app.store().read('eventsOfDelivery', { deliverySeq: seq })
  // A callback URL with a key is itself a secret.
  const isKeyed = app.definitionOf(provider).activation.keyed === true
  return {
    verified: verified as Facts['verified'],
    scheme,
    url: isKeyed ? null : url,
    rejected: null,
    events: events.map(eventFacts),
  }
}

function eventFacts({ id, event, providerEventId, tenant, account, pointer }: StoredEvent): Facts['events'][number] {
  return { id, event, providerEventId, tenant, account, pointer }
}

function notPosted(id: string): WhsError {
  return new WhsError({
    code: 'not-posted',
    exit: exits.usage,
    what: `${id} cannot travel: nobody posted it`,
    why: 'whs asked the API for it, or tells of it itself, so there is no request that another store could take',
    next: `whs events show ${id} --raw`,
  })
}

function failed(out: string, cause: Error): WhsError {
  return new WhsError({
    code: 'export-failed',
    exit: exits.usage,
    what: `nothing can be written to ${out}`,
    why: cause.message,
    next: 'whs events export <id> --as json --out <a directory of yours>',
    cause,
  })
}
