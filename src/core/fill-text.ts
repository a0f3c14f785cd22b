/** What templates are filled with: `clientId`, `token`, `setting.<name>`, `account.<kind>`, … → text. */
export type Slots = Record<string, string>

/** A slot of a template, with its name. */
export const slotPattern = /\{([A-Za-z][\w.-]*)\}/g

/** The slots that a template names, in order, the host role of a URL among them. A slot has no blank in it. */
export function slotsOf(template: string): string[] {
  return [...template.matchAll(slotPattern)].map(match => match[1] as string)
}

/** A text with its slots filled in as they are; undefined where one of them has no value. `{ viewer { id } }` is text. */
export function fillText(template: string, slots: Slots): string | undefined {
  let complete = true
  const text = template.replace(slotPattern, (_, name: string) => {
    const value = Object.hasOwn(slots, name) ? slots[name] : undefined
    if (value === undefined) complete = false
    return value ?? ''
  })
  return complete ? text : undefined
}
