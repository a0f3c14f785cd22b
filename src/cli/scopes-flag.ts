import type { App } from '../app/app.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { App as StoredApp } from '../store/app-ops.ts'

/**
 * The scopes that `--scopes` names, or (`+payments`) the default ones and those; null where nothing is said.
 * @throws WhsError `bad-scopes` (exit 2), also where the provider takes none at a consent
 */
export function scopesOf(app: App, { name, provider }: StoredApp, flag: string | undefined): string[] | null {
  if (flag === undefined) return null
  const { oauth, company } = app.definitionOf(provider)
  if (oauth.leaveOut?.includes('scope')) {
    const why = `${company} takes none at a consent: the scopes are those of the app there`
    throw badScopes(why, `whs connect ${name}, once the app there has them`)
  }
  const named = flag.split(',').map(scope => scope.trim())
  const added = named.filter(scope => scope.startsWith('+')).map(scope => scope.slice(1))
  const isMixed = added.length > 0 && added.length < named.length
  if (isMixed || [...named, ...added].includes('')) {
    const why = 'it is a list such as read,write, or +payments to add one to the default ones'
    throw badScopes(why, `whs connect ${name} --scopes +<scope>`)
  }
  return added.length > 0 ? [...new Set([...oauth.scopes, ...added])] : named
}

function badScopes(why: string, next: string): WhsError {
  return new WhsError({ code: 'bad-scopes', exit: exits.usage, what: '--scopes cannot be asked for', why, next })
}
