import type { UrlTemplate } from '../core/definition.ts'

/**
 * Whether a request under a host role is what a URL template says, and with which slots. Fixed parts of the query are not
 * asked for (providers ignore them); a slot that came twice must have one value.
 */
export function matchUrl(
  template: UrlTemplate,
  role: string,
  path: string,
  query: URLSearchParams,
): Record<string, string> | undefined {
  const [, wantedRole, wantedPath = '', wantedQuery = ''] = /^\{(\w+)\}([^?]*)\??(.*)$/.exec(template) ?? []
  if (role !== wantedRole) return undefined
  const slots: Record<string, string> = {}
  const names: string[] = []
  const pattern = wantedPath.replace(/\{(\w+)\}|[.*+?^$()|[\]\\]/g, (found, name: string | undefined) => {
    if (name === undefined) return `\\${found}`
    names.push(name)
    return '([^/]+)'
  })
  const match = new RegExp(`^${pattern}$`).exec(path)
  if (!match) return undefined
  for (const [index, name] of names.entries()) {
    const value = decoded(match[index + 1] as string)
    if (value === undefined || (slots[name] ?? value) !== value) return undefined
    slots[name] = value
  }
  for (const [key, value] of new URLSearchParams(wantedQuery)) {
    const slot = /^\{(\w+)\}$/.exec(value)?.[1]
    if (slot) slots[slot] = query.get(key) ?? ''
  }
  return slots
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
