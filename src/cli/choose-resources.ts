import type { ResourceQuestion } from '../app/hook-places.ts'
import { safeText } from '../core/text.ts'
import { askChoices } from './ask.ts'
import type { Io } from './io.ts'

/** Asks for which of its resources a tenant's hooks shall be; nobody is asked where nobody may be. */
export function resourceChoice(io: Io): { choose?(question: ResourceQuestion): Promise<string[]> } {
  return io.mayAsk ? { choose: question => askResources(io, question) } : {}
}

async function askResources(io: Io, { tenant, noun, resources, preset }: ResourceQuestion): Promise<string[]> {
  const choices = resources.map(({ id, name }) => ({
    name: name === id ? safeText(id) : `${safeText(name)}  (${safeText(id)})`,
    value: id,
    checked: preset.includes(id),
  }))
  return askChoices(io, `For which ${noun} of ${safeText(tenant)} shall there be a hook?`, choices, 0)
}
