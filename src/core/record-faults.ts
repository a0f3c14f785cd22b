import type { ProviderDefinition } from './definition.ts'
import { fillText } from './fill-text.ts'
import { itemsFaults, valueFaults, whenFaults } from './value-faults.ts'

/** What is wrong with what a definition says of reading things, besides its calls. */
export function recordFaults({ record = [], webhook, feeds = [] }: ProviderDefinition): string[] {
  const splits = [...webhook.split, ...feeds.flatMap(({ split }) => split)]
  return record.flatMap(({ words, at, slots = {}, gone = [] }, index) => {
    const faults: string[] = []
    const types = Object.keys(words).map(type => type.toLowerCase())
    if (types.length === 0) faults.push('words: it reads no type')
    const twice = types.find((type, position) => types.indexOf(type) < position)
    if (twice !== undefined) faults.push(`words: ${twice} is there twice`)
    for (const [resourceType, resource] of Object.entries(words)) {
      const path = fillText(at, { resourceType, resource })
      if (path === undefined) return [`record[${index}]: at: ${at} has another slot than {resource} and {resourceType}`]
      faults.push(...itemsFaults(path).map(fault => `at: ${fault}`))
    }
    for (const [name, value] of Object.entries(slots)) {
      faults.push(...valueFaults(value, splits).map(fault => `slots.${name}: ${fault}`))
    }
    for (const { when } of gone) faults.push(...whenFaults(when, []).map(fault => `gone: ${fault}`))
    return [...new Set(faults)].map(fault => `record[${index}]: ${fault}`)
  })
}
