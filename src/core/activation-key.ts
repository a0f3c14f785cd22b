import { createHash } from 'node:crypto'

/** What a key in a callback URL looks like: 32 random bytes in base64url. */
export function isActivationKey(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text)
}

/** How the key of a callback URL is stored: SHA-256 in hex. It is random, so no salt is needed. */
export function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
