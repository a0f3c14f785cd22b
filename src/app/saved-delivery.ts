import { constants, type FileHandle, open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { exits, WhsError } from '../core/errors.ts'
import {
  bodyHash,
  type ExportedDelivery,
  mostExportedBytes,
  rawHeaders,
  readExported,
} from '../core/exported-delivery.ts'
import { type Ingested, ingest } from '../core/ingest.ts'
import type { RawDelivery } from '../core/keyring.ts'
import { publishedKeys } from '../receive/published-keys.ts'
import { keyringFor, type ReceivingApp } from '../receive/receiving-app.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { App } from './app.ts'

/** An exported delivery as it was read from its files. */
export interface SavedDelivery {
  facts: ExportedDelivery
  body: Buffer
}

const mostBodyBytes = 32 * 1_048_576

/**
 * Reads the two files of an export. They may come from anybody, so only the file beside it is read, and only as it was
 * written.
 * @throws WhsError `not-exported`, `file-unreadable`, `body-differs` (exit 2)
 */
export async function readSaved(file: string): Promise<SavedDelivery> {
  const facts = readExported((await readBounded(file, mostExportedBytes, false)).toString('utf8'), basename(file))
  const body = await readBounded(join(dirname(file), facts.bodyFile), mostBodyBytes, true)
  if (bodyHash(body) === facts.sha256) return { facts, body }
  throw new WhsError({
    code: 'body-differs',
    exit: exits.usage,
    what: `${facts.bodyFile} does not hold the bytes that were exported`,
    why: 'its SHA-256 is another one: it was edited, or a version control changed its line ends',
    next: 'carry the files as they were written; to change an event: whs replay <id> --edit, once it is imported',
  })
}

async function readBounded(file: string, most: number, isBeside: boolean): Promise<Buffer> {
  let handle: FileHandle | undefined
  try {
    // O_NONBLOCK: a named pipe that nobody writes to would wait for ever.
    const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (isBeside ? (constants.O_NOFOLLOW ?? 0) : 0)
    handle = await open(file, flags)
    const { size, isFile } = await handle.stat().then(stat => ({ size: stat.size, isFile: stat.isFile() }))
    if (!isFile) throw new Error('it is no plain file')
    if (size > most) throw new Error('it is larger than any export')
    return await handle.readFile()
  } catch (cause) {
    throw new WhsError({
      code: 'file-unreadable',
      exit: exits.usage,
      what: `${file} cannot be read`,
      why: (cause as NodeJS.ErrnoException).code === 'ELOOP' ? 'it is a link to elsewhere' : (cause as Error).message,
      next: 'an export is two files in one directory: the .json and the .body',
      cause,
    })
  } finally {
    await handle?.close()
  }
}

/**
 * The app here that a saved delivery is held against: the named one, else the one of the same name and provider, else
 * the only one of that provider.
 * @throws WhsError `other-provider`, `which-app` (2), `no-app` (3), `unknown-provider` (5)
 */
export async function appOfSaved(app: App, { facts }: SavedDelivery, named: string | undefined): Promise<StoredApp> {
  const { provider } = facts
  if (named !== undefined) {
    const found = await app.findApp(named)
    if (found.provider === provider) return found
    throw new WhsError({
      code: 'other-provider',
      exit: exits.usage,
      what: `the delivery is of ${provider}, ${found.name} is an app of ${found.provider}`,
      why: 'each provider signs and writes its deliveries in its own way',
      next: `whs app list`,
    })
  }
  const same = (await app.store().read('listApps')).find(one => one.name === facts.app && one.provider === provider)
  return app.findApp(same?.name ?? provider)
}

/** A saved delivery as a request. */
export function rawOf({ facts, body }: SavedDelivery): RawDelivery {
  return { method: facts.method, headers: rawHeaders(facts), body, suffix: facts.suffix }
}

/** What it is by the secrets and the published keys of this store, as of its arrival. No network is used. */
export async function ingestSaved(app: App, receiving: ReceivingApp, saved: SavedDelivery): Promise<Ingested> {
  const { facts } = saved
  const keys = await publishedKeys({ store: app.store(), http: app.http, now: app.now }).known()
  const arrival = { activation: null, keys, publicUrls: [], triggerKey: null, now: Date.parse(facts.receivedAt) }
  const keyring = keyringFor(receiving, arrival)
  const urls = [...callbackOf(facts), ...keyring.urls]
  return ingest(receiving.definition, rawOf(saved), { ...keyring, urls })
}

/** The callback URL that was signed where it came, without what followed it; none where the signature is not about one. */
function callbackOf({ url, suffix }: ExportedDelivery): string[] {
  if (url === null) return []
  return [suffix !== '' && url.endsWith(suffix) ? url.slice(0, -suffix.length) : url]
}
