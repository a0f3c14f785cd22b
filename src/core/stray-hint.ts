import { didYouMean } from './text.ts'

/** An app as a stray request may have meant it. */
export interface StrayApp {
  name: string
  provider: string
  /** What the portal calls its callback URL. */
  field: string
}

const ofHooks = /hook|callback|event|notif|listener/i
const ofRedirect = /oauth|redirect|authori[sz]e/i

/**
 * What a request that fits no URL of ours probably meant, as a sentence; null where nothing says so. An app is meant that
 * stands in the path, also mistyped or by its provider's id, or the only one there is, where the path looks like a hook.
 */
export function strayHint(method: string, path: string, apps: StrayApp[]): string | null {
  const words = path.split('/').map(plain).filter(Boolean)
  const app = appIn(words, apps)
  const isRedirect = method === 'GET' && ofRedirect.test(path)
  const isMeant = isRedirect || ofHooks.test(path)
  const only = apps.length === 1 && isMeant ? apps[0] : undefined
  const meant = app ?? only
  if (meant && isRedirect) return `Meant /oauth/callback/${meant.name}? Correct the redirect URI in the portal`
  if (meant && method !== 'GET' && method !== 'HEAD') {
    return `Meant /hooks/${meant.name}? Correct the ${meant.field} in the portal`
  }
  if (!isMeant) return null
  if (apps.length === 0) return 'No app is set up yet: whs setup <provider>'
  return `Callback URLs begin with /hooks/${words.length > 0 ? ' and an app’s name' : ''}: whs status`
}

function appIn(words: string[], apps: StrayApp[]): StrayApp | undefined {
  const named = apps.find(({ name }) => words.includes(name.toLowerCase()))
  if (named) return named
  const ofProvider = apps.filter(({ provider }) => words.includes(provider.toLowerCase()))
  if (ofProvider.length > 0) return ofProvider.length === 1 ? ofProvider[0] : undefined
  const names = apps.map(({ name }) => name)
  const near = words.filter(word => word.length > 3).flatMap(word => didYouMean(word, names))
  return apps.find(({ name }) => name === near[0])
}

/** A piece of a path as its writer meant it: without escapes, capitals, and what a copied line leaves at its end. */
function plain(piece: string): string {
  return piece.toLowerCase().replace(/%[0-9a-f]{2}|[\s"'<>.,;:]+$/g, '')
}
