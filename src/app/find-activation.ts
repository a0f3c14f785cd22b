import { exits, WhsError } from '../core/errors.ts'
import { safeText } from '../core/text.ts'
import type { StoredActivation } from '../store/activation-ops.ts'
import type { App } from './app.ts'

/** The hook that a person named by its id, its end, or the provider's own id. @throws WhsError `no-activation` (5), `ambiguous-id` (2) */
export async function findActivation(app: App, text: string): Promise<StoredActivation> {
  const all = await app.store().read('listActivations', {})
  const end = text.toUpperCase().replace(/^ACT_/, '')
  const found = all.filter(one => one.providerId === text || (end.length >= 3 && one.id.endsWith(end)))
  if (found.length === 1) return found[0] as StoredActivation
  if (found.length > 1) {
    const why = found.map(({ id, app: name }) => `${id} (${name})`).join(', ')
    const what = `"${safeText(text)}" is the end of ${found.length} ids`
    throw new WhsError({ code: 'ambiguous-id', exit: exits.usage, what, why, next: 'give more of its letters' })
  }
  const what = `there is no activation ${safeText(text)}`
  const why = 'an id is act_…, or at least its last three letters'
  throw new WhsError({ code: 'no-activation', exit: exits.unknown, what, why, next: 'whs activations' })
}
