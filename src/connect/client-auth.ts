import { Buffer } from 'node:buffer'

/**
 * HTTP Basic credentials of a client. Both parts are form-encoded (RFC 6749 section 2.3.1), but what needs no encoding
 * in a URL stays as it is: servers that decode read the same, and those that never decode read it too.
 */
export function basicCredentials(clientId: string, secret: string): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString('base64')}`
}
