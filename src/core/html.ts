import { safeText } from '../core/text.ts'

/** Markup that is safe to send as it stands. Only `html` makes it. */
export interface Html {
  readonly markup: string
}

/**
 * Markup from a template: every value is escaped, unless it is markup itself. Control and bidirectional characters become
 * `·`, as on a terminal. Values may stand in texts and in quoted attributes.
 */
export function html(strings: TemplateStringsArray, ...values: (string | number | Html | Html[])[]): Html {
  let markup = strings[0] as string
  for (const [index, value] of values.entries()) markup += markupOf(value) + (strings[index + 1] as string)
  return { markup }
}

function markupOf(value: string | number | Html | Html[]): string {
  if (Array.isArray(value)) return value.map(one => one.markup).join('')
  return typeof value === 'object' ? value.markup : escapeHtml(String(value))
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escapeHtml(text: string): string {
  return safeText(text).replace(/[&<>"']/g, character => entities[character] as string)
}
