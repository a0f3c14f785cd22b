import type { ProviderDefinition } from '../../core/definition.ts'
import { slotsOf } from '../../core/fill-text.ts'

/** The slots of a text as a template such as `Bearer {token}` has them; undefined where it is another text. */
export function matchTemplate(template: string, text: string): Record<string, string> | undefined {
  const { names, source } = compile(template, '([\\s\\S]*)')
  return take(names, new RegExp(`^${source}$`).exec(text), one => one)
}

/** The same for the path of a URL: a slot is one segment or a part of one, and is decoded. */
export function matchPath(template: string, path: string): Record<string, string> | undefined {
  const { names, source } = compile(template, '([^/]+)')
  return take(names, new RegExp(`^${source}$`).exec(path), decoded)
}

/** The slot that a template is, and nothing else. */
export function onlySlot(template: string): string | undefined {
  const [slot] = slotsOf(template)
  return template === `{${slot}}` ? slot : undefined
}

export function hasSlot(template: string): boolean {
  return slotsOf(template).length > 0
}

function compile(template: string, slot: string): { names: string[]; source: string } {
  const names: string[] = []
  const source = template.replace(/\{([A-Za-z][\w.-]*)\}|[.*+?^$(){}|[\]\\]/g, (found, name: string | undefined) => {
    if (name === undefined) return `\\${found}`
    names.push(name)
    return slot
  })
  return { names, source }
}

function take(
  names: string[],
  match: RegExpExecArray | null,
  read: (text: string) => string | undefined,
): Record<string, string> | undefined {
  if (!match) return undefined
  const slots: Record<string, string> = {}
  for (const [index, name] of names.entries()) {
    const value = read(match[index + 1] as string)
    if (value === undefined || (slots[name] ?? value) !== value) return undefined
    slots[name] = value
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

/** The rest of all slots that a definition's templates have with a prefix: `{access.sid}` → `sid`. */
export function slotsBehind(definition: ProviderDefinition, prefix: string): string[] {
  const found = new Set<string>()
  visit(definition)
  return [...found]

  function visit(value: unknown): void {
    if (typeof value === 'string') {
      for (const slot of slotsOf(value)) if (slot.startsWith(prefix)) found.add(slot.slice(prefix.length))
    } else if (typeof value === 'object' && value !== null) {
      for (const one of Object.values(value)) visit(one)
    }
  }
}
