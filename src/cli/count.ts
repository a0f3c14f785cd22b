import { exits, WhsError } from '../core/errors.ts'

/** A count as typed, from 1 up to four digits. @throws WhsError `bad-count` (exit 2) */
export function countOf(text: string, flag: string, command: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new WhsError({
    code: 'bad-count',
    exit: exits.usage,
    what: `"${text}" is no count`,
    why: `${flag} takes a number from 1 to 9999`,
    next: `whs ${command} … ${flag} 10`,
  })
}
