import { isActivationKey } from '../core/activation-key.ts'

/** A callback URL taken apart: `/hooks/<app>`, the key behind it where one stands there, and what follows. */
export interface HookPath {
  app: string
  path: string
  key: string | null
  suffix: string
}

/**
 * Takes the path and query of a request under `/hooks/` apart. An app name that is not spelled right is simply unknown. The
 * key is in no part but its own, so that it is neither stored nor relayed.
 */
export function hookPath(url: string, isKeyed: (app: string) => boolean): HookPath {
  const match = /^\/hooks\/([^/?]*)(.*)$/s.exec(url)
  const app = match?.[1] ?? ''
  const rest = match?.[2] ?? ''
  const path = `/hooks/${app}`
  const [, first = '', behind = ''] = /^\/([^/?]*)(.*)$/s.exec(rest) ?? []
  if (!isActivationKey(first) || !isKeyed(app)) return { app, path, key: null, suffix: rest }
  return { app, path, key: first, suffix: behind }
}
