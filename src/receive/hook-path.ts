/** A callback URL taken apart: `/hooks/<app>` and what follows it. */
export interface HookPath {
  app: string
  path: string
  suffix: string
}

/** Takes the path and query of a request under `/hooks/` apart. An app name that is not spelled right is simply unknown. */
export function hookPath(url: string): HookPath {
  const match = /^\/hooks\/([^/?]*)(.*)$/s.exec(url)
  const app = match?.[1] ?? ''
  return { app, path: `/hooks/${app}`, suffix: match?.[2] ?? '' }
}
