import type { ProviderDefinition } from './definition.ts'

/** Where placeholders stand, and what belongs there. */
const belongs: [place: RegExp, what: string][] = [
  [/^id$/, 'an id of your own, such as my-crm'],
  [/^name$/, 'the provider’s name'],
  [/^company$/, 'who runs the provider, as said in sentences'],
  [/^docs\.portal$/, 'the page where an app is made'],
  [/^docs\./, 'the provider’s own page about it'],
  [/^checked\.witness$/, 'who else makes such signatures: a vector of the provider’s page, or its own package'],
  [/^checked\.on$/, 'the day on which you read these facts'],
  [/^hosts\./, 'the provider’s own host'],
  [/^webhook\.verify\.\d+\.header\.names\./, 'the header in which the signature comes'],
]

/**
 * What of a definition still stands as in the template that it was begun from, or is an example's (RFC 2606), one sentence
 * each: what belongs there.
 */
export function placeholderFaults(definition: ProviderDefinition, template: ProviderDefinition): string[] {
  const untouched = textsOf(template)
  return [...textsOf(definition)].flatMap(([at, text]) => {
    const [, what] = belongs.find(([place]) => place.test(at)) ?? []
    if (!what || (untouched.get(at) !== text && !/\bexample\.(?:com|org|net)\b/.test(text))) return []
    return [`${at}: ${text} is a placeholder: here belongs ${what}`]
  })
}

/** Every text of a value, by its path. */
function textsOf(value: unknown, at = ''): Map<string, string> {
  if (typeof value === 'string') return new Map([[at, value]])
  if (typeof value !== 'object' || value === null) return new Map()
  return new Map(Object.entries(value).flatMap(([name, one]) => [...textsOf(one, at === '' ? name : `${at}.${name}`)]))
}
