const slotPattern = /\{([A-Za-z][\w.-]*)\}/

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
  return /^\{([A-Za-z][\w.-]*)\}$/.exec(template)?.[1]
}

export function hasSlot(template: string): boolean {
  return slotPattern.test(template)
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
