import { neverTried } from '../core/keyring.ts'
import { shellWord } from '../core/shell-word.ts'
import { countText, safeText } from '../core/text.ts'
import type { StoredActivation } from '../store/activation-ops.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { App } from './app.ts'

/** What is said of hooks of an app that can never verify. */
export interface HooksBeyond {
  hooks: StoredActivation[]
  detail: string
  fix: string
}

const named = 3

/**
 * The hooks of an app whose secrets are never tried, since there are too many and nothing in a delivery says which hook it
 * is: who has them, and what helps. Null where each is tried.
 */
export async function hooksBeyond(app: App, stored: StoredApp): Promise<HooksBeyond | null> {
  const definition = app.definitionOf(stored.provider)
  const seqs = neverTried(definition, await app.keysOf(stored))
  if (seqs.length === 0) return null
  const hooks = await app.store().read('listActivations', { app: stored.name })
  const beyond = hooks.filter(({ seq }) => seqs.includes(seq))
  const why = `a delivery of ${definition.company} does not say which hook it is of, and the secrets of the newest 50 alone are tried`
  const detail = `${countText(beyond.length, 'hook')} can never verify (${whoseText(beyond)}): ${why}`
  return { hooks: beyond, detail, fix: fixFor(definition.id, stored.name, beyond) }
}

function whoseText(hooks: StoredActivation[]): string {
  const owners = [...new Set(hooks.map(({ tenant, id }) => safeText(tenant ?? id)))]
  const more = owners.length - named
  return more > 0 ? `${owners.slice(0, named).join(', ')} and ${more} more` : owners.join(', ')
}

/** Another app has 50 of its own. */
function fixFor(provider: string, name: string, [first]: StoredActivation[]): string {
  const move = first?.tenant ? `, then whs connect ${name}-2 --tenant ${shellWord(first.tenant)}` : ''
  return `whs app add ${provider} --app ${name}-2${move}`
}
