import { isTenantId } from '../core/account.ts'
import { exits, WhsError } from '../core/errors.ts'
import { safeText } from '../core/text.ts'

/** A text as a tenant's id; `next` is what to type instead. @throws WhsError `bad-tenant` (exit 2) */
export function checkedTenantId(text: string, next: string): string {
  if (isTenantId(text)) return text
  throw new WhsError({
    code: 'bad-tenant',
    exit: exits.usage,
    what: `"${safeText(text)}" is no tenant id`,
    why: 'a tenant id begins with a letter or digit and has at most 64 of A-Z a-z 0-9 . _ : @ -',
    next,
  })
}
