import { exits, WhsError } from '../core/errors.ts'

/** A port as typed; 4400 where none is. @throws WhsError `bad-port` */
export function portOf(text: string | undefined, fallback = 4400): number {
  if (text === undefined || text === '') return fallback
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new WhsError({
    code: 'bad-port',
    exit: exits.usage,
    what: `"${text}" is no port`,
    why: 'a port is a number up to 65535; 0 is any that is free',
    next: 'whs listen --port 4400',
  })
}
