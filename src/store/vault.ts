import { Buffer } from 'node:buffer'
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { exits, WhsError } from '../core/errors.ts'

/**
 * Seals secrets and tokens: AES-256-GCM, a fresh 96-bit nonce each (NIST SP 800-38D), with table, row and column as
 * associated data, so that a sealed value cannot be moved elsewhere. It guards a copied database; whoever reads the
 * account's files has the key too.
 */
export interface Vault {
  seal(place: string, text: string): Buffer
  /** @throws WhsError `unreadable-secret` when the value was sealed with another key or for another place. */
  open(place: string, sealed: Buffer): string
  /** The same, or null. */
  tryOpen(place: string, sealed: Buffer): string | null
  fingerprint: string
}

/**
 * The vault of a key file (32 bytes, hex, mode 0600). With `expected` (the fingerprint that the database knows) a
 * missing or other key is an error; without it, a new database, a key is made.
 * @throws WhsError `key-missing`, `key-open`, `key-other`, `key-broken` (exit 2)
 */
export function openVault(file: string, expected: string | undefined): Vault {
  if (!existsSync(file)) {
    if (expected) {
      const why = `the database was made with key ${expected}, and ${file} is not there`
      const next = 'restore key beside the database from where you keep it, or begin anew with another WHS_HOME'
      throw keyError('key-missing', 'the key file is missing', why, next)
    }
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  }
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    throw keyError(
      'key-open',
      'the key file can be read by others',
      `${file} must belong to you alone`,
      `chmod 600 ${file}`,
    )
  }
  const text = readFileSync(file, 'utf8').trim()
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw keyError(
      'key-broken',
      'the key file is damaged',
      `${file} does not hold 64 hex digits`,
      'restore it from where you keep it',
    )
  }
  const key = Buffer.from(text, 'hex')
  const fingerprint = createHash('sha256').update('whs key ').update(key).digest('hex').slice(0, 16)
  if (expected && expected !== fingerprint) {
    const why = `${file} holds key ${fingerprint}, the database was made with ${expected}`
    throw keyError('key-other', 'the key file belongs to another database', why, 'put the right key file back')
  }
  return {
    seal: (place, text) => seal(key, place, text),
    open: (place, sealed) => tryOpen(key, place, sealed) ?? unreadable(place),
    tryOpen: (place, sealed) => tryOpen(key, place, sealed),
    fingerprint,
  }
}

function keyError(code: string, what: string, why: string, next: string): WhsError {
  return new WhsError({ code, exit: exits.usage, what, why, next })
}

function seal(key: Buffer, place: string, text: string): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(place))
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body])
}

function tryOpen(key: Buffer, place: string, sealed: Buffer): string | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 })
    decipher.setAAD(Buffer.from(place))
    decipher.setAuthTag(sealed.subarray(12, 28))
    return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString('utf8')
  } catch {
    return null
  }
}

function unreadable(place: string): never {
  throw new WhsError({
    code: 'unreadable-secret',
    exit: exits.usage,
    what: 'a stored secret cannot be read',
    why: `${place} was sealed with another key or was changed`,
    next: 'whs doctor',
  })
}
