import { Buffer } from 'node:buffer'
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { exits, WhsError } from '../core/errors.ts'

/**
 * How a backup is sealed: a key made of the passphrase by scrypt (RFC 7914), and AES-256-GCM over pieces of 1 MiB, each
 * with a nonce of a random prefix, its number, and whether it is the last (the STREAM construction of Hoang, Reyhanitabar,
 * Rogaway and Vizár, 2015). So nothing has to be in memory whole, and no piece can be changed, moved, doubled or cut off.
 * The header, which every piece is bound to, holds the cost and the salt.
 */
const magic = Buffer.from('WHSBAK1\n')
const pieceBytes = 1_048_576
const tagBytes = 16
const saltBytes = 16
const prefixBytes = 7
const headerBytes = magic.length + 3 + saltBytes + prefixBytes
/** 128 MiB of memory, half a second. */
const cost = { logN: 17, r: 8, p: 1 }
/** A file from anywhere must not take all the memory there is. */
const mostLogN = 20

/** Seals bytes by a passphrase. */
export async function* sealed(source: AsyncIterable<Buffer>, passphrase: string): AsyncGenerator<Buffer> {
  const { logN, r, p } = cost
  const header = Buffer.concat([magic, Buffer.from([logN, r, p]), randomBytes(saltBytes + prefixBytes)])
  const key = await keyOf(passphrase, header)
  yield header
  let count = 0
  for await (const { piece, isLast } of inPieces(source, pieceBytes)) {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(header, count++, isLast))
    cipher.setAAD(header)
    yield Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()])
  }
}

/**
 * The bytes again. What comes out before the end is genuine, but only the end says that it is whole.
 * @throws WhsError `not-a-backup`, `wrong-passphrase`, `backup-damaged` (exit 2)
 */
export async function* unsealed(source: AsyncIterable<Buffer>, passphrase: string): AsyncGenerator<Buffer> {
  let header: Buffer | undefined
  let key: Buffer = Buffer.alloc(0)
  let count = 0
  for await (const { piece, isLast } of inPieces(withHeader(source), pieceBytes + tagBytes)) {
    if (!header) throw notBackup()
    yield opened(piece, isLast)
  }

  async function* withHeader(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let begun = Buffer.alloc(0)
    for await (const chunk of bytes) {
      if (header) {
        yield chunk
        continue
      }
      begun = Buffer.concat([begun, chunk])
      if (begun.length < headerBytes) continue
      header = Buffer.from(begun.subarray(0, headerBytes))
      key = await keyOf(passphrase, header)
      yield begun.subarray(headerBytes)
    }
    if (!header) throw notBackup()
  }

  function opened(piece: Buffer, isLast: boolean): Buffer {
    const end = piece.length - tagBytes
    if (end < 0) throw damaged('it ends in the middle')
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(header as Buffer, count, isLast))
    decipher.setAAD(header as Buffer)
    decipher.setAuthTag(piece.subarray(end))
    try {
      const clear = Buffer.concat([decipher.update(piece.subarray(0, end)), decipher.final()])
      count++
      return clear
    } catch {
      throw count === 0 ? wrongPassphrase() : damaged(isLast ? 'its end is missing or changed' : 'it was changed')
    }
  }
}

/** The bytes in pieces of one size; the last, which may be empty, is known as such. */
async function* inPieces(
  source: AsyncIterable<Buffer>,
  size: number,
): AsyncGenerator<{ piece: Buffer; isLast: boolean }> {
  let held: Buffer[] = []
  let length = 0
  for await (const chunk of source) {
    held.push(chunk)
    length += chunk.length
    if (length <= size) continue
    let all = Buffer.concat(held)
    // A full piece may be the last, so it waits until something follows.
    for (; all.length > size; all = all.subarray(size)) yield { piece: all.subarray(0, size), isLast: false }
    held = [all]
    length = all.length
  }
  yield { piece: Buffer.concat(held), isLast: true }
}

function nonceOf(header: Buffer, count: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  header.copy(nonce, 0, headerBytes - prefixBytes)
  nonce.writeUInt32BE(count, prefixBytes)
  nonce[11] = isLast ? 1 : 0
  return nonce
}

/** Typed text is one, however its letters are composed (NFKC, as RFC 8265 advises for passphrases). */
async function keyOf(passphrase: string, header: Buffer): Promise<Buffer> {
  const [logN = 0, r = 0, p = 0] = header.subarray(magic.length)
  const isKnown = header.subarray(0, magic.length).equals(magic)
  if (!isKnown || logN < 10 || logN > mostLogN || r !== cost.r || p !== cost.p) throw notBackup()
  const salt = header.subarray(magic.length + 3, magic.length + 3 + saltBytes)
  const options = { N: 2 ** logN, r, p, maxmem: 256 * r * 2 ** logN }
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), salt, 32, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

function notBackup(): WhsError {
  return wrong('not-a-backup', 'the file is no backup of whs', 'it does not begin as one')
}

function wrongPassphrase(): WhsError {
  return wrong(
    'wrong-passphrase',
    'the backup does not open',
    'the passphrase is another one, or its beginning was changed',
  )
}

function damaged(why: string): WhsError {
  return wrong('backup-damaged', 'the backup is damaged', why)
}

function wrong(code: string, what: string, why: string): WhsError {
  return new WhsError({ code, exit: exits.usage, what, why, next: 'whs restore <file>' })
}
