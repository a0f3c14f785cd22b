import type { RawHeaders } from './headers.ts'

const secretHeaders = /^(authorization|proxy-authorization|cookie|set-cookie|x-api-key|x-auth-token)$/

/** Whether a header carries a credential. */
export function isSecretHeader(name: string): boolean {
  return secretHeaders.test(name.toLowerCase())
}

/** Headers fit to be shown: what carries a credential is masked. */
export function maskHeaders(headers: RawHeaders): RawHeaders {
  return headers.map((text, index) =>
    index % 2 === 1 && isSecretHeader(headers[index - 1] as string) ? mask(text) : text,
  )
}

/** A secret's first letters and its length, never more than a quarter of it. */
function mask(secret: string): string {
  const shown = Math.min(4, Math.floor(secret.length / 4))
  return `${secret.slice(0, shown)}… (${secret.length} characters)`
}
