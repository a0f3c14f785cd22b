import { readFile } from 'node:fs/promises'
import { exits, WhsError } from '../core/errors.ts'
import { parseDuration } from '../core/filter.ts'

/** How targets are reached, as flags say it. */
export interface SendingFlags {
  handlerTimeout?: string
  cacert?: string
}

/** How long a handler may take, and whose certificates count. @throws WhsError `bad-duration`, `bad-cacert` (exit 2) */
export async function sendingOf({
  handlerTimeout,
  cacert,
}: SendingFlags): Promise<{ handlerTimeoutMs?: number; caPem?: string }> {
  return {
    ...(handlerTimeout === undefined ? {} : { handlerTimeoutMs: parseDuration(handlerTimeout, '--handler-timeout') }),
    ...(cacert === undefined ? {} : { caPem: await pemOf(cacert) }),
  }
}

async function pemOf(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => badAuthority(file, cause.message, cause))
  return text.includes('-----BEGIN CERTIFICATE-----') ? text : badAuthority(file, 'it holds no certificate in PEM form')
}

function badAuthority(file: string, why: string, cause?: Error): never {
  throw new WhsError({
    code: 'bad-cacert',
    exit: exits.usage,
    what: `${file} is no authority that can be trusted`,
    why,
    next: '--cacert <a PEM file that holds the certificate>',
    cause,
  })
}
