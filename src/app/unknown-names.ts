import type { Filter } from '../core/filter.ts'
import { globMatches } from '../core/glob.ts'
import { providerEventOf } from '../core/sample-event.ts'
import { didYouMean, safeText } from '../core/text.ts'
import { providers } from '../providers/index.ts'
import { readFixtures } from '../simulate/fixtures.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { App } from './app.ts'
import { fixturesOf } from './demo.ts'

/** What a filter names that there is none of, each as a clause (`there is no tenant acmee: did you mean acme?`). */
export async function unknownNames(app: App, filter: Filter): Promise<string[]> {
  const store = app.store()
  const stored = await store.read('listApps')
  const tenants = filter.tenant ? await store.read('tenantNames', { limit: 1_000_000 }) : []
  return [
    ...unknown('tenant', filter.tenant, tenants),
    ...unknown(
      'app',
      filter.app,
      stored.map(({ name }) => name),
    ),
    ...(await unknownProviders(app, filter.provider, stored)),
    ...unknown('environment', filter.env, ['production', 'sandbox', 'simulator']),
    ...unknown('scope', filter.scope, ['tenant', 'parked', 'app']),
    ...(await unknownEvents(app, filter, stored)),
  ]
}

/** The same as sentences, to stand behind another one. */
export async function unknownSentences(app: App, filter: Filter): Promise<string[]> {
  return (await unknownNames(app, filter)).map(clause => {
    const sentence = clause.slice(0, 1).toUpperCase() + clause.slice(1)
    return sentence.endsWith('?') ? sentence : `${sentence}.`
  })
}

/** Those of the asked words that fit none of the names. */
function missing(asked: string[] | undefined, names: string[]): string[] {
  const words = (asked ?? []).flatMap(one => one.split('|'))
  return words.filter(word => word !== '*' && !names.some(name => globMatches(word, name)))
}

function unknown(word: string, asked: string[] | undefined, names: string[]): string[] {
  return missing(asked, names).map(one => `there is no ${word} ${safeText(one)}${meant(one, names)}`)
}

function meant(word: string, names: string[]): string {
  const near = didYouMean(word, names)
  return near.length > 0 ? `: did you mean ${near.join(' or ')}?` : ''
}

async function unknownProviders(app: App, asked: string[] | undefined, stored: StoredApp[]): Promise<string[]> {
  const all = [...providers, ...(await app.customProviders())].map(({ id }) => id)
  const usedHere = stored.map(({ provider }) => provider)
  return missing(asked, usedHere).map(one =>
    all.includes(one) ? `no app of ${one} is set up` : `there is no provider ${safeText(one)}${meant(one, all)}`,
  )
}

/** Event types that neither came yet nor are known of the providers that the filter leaves. */
async function unknownEvents(app: App, { event, ...rest }: Filter, stored: StoredApp[]): Promise<string[]> {
  if (!event?.length) return []
  const isAsked = (asked: string[] | undefined, name: string): boolean =>
    !asked?.length || asked.some(pattern => globMatches(pattern, name))
  const left = stored.filter(one => isAsked(rest.app, one.name) && isAsked(rest.provider, one.provider))
  const ids = [...new Set((left.length > 0 ? left : stored).map(({ provider }) => provider))]
  const types = ids.map(id => typesOf(app, id))
  const ours = types.flatMap(one => one.ours)
  const own = types.flatMap(one => one.own)
  const strange = missing(event, [...ours, ...own])
  const clauses: string[] = []
  for (const one of strange) {
    const query = { filter: { event: [one] }, order: 'newest' as const, limit: 1 }
    if (ids.length === 0 || (await app.store().read('listEvents', query)).length > 0) continue
    const [near] = [ours, own].flatMap(all => didYouMean(one, patternsLike(one, all)))
    const text = `no event ${safeText(one)} is known of ${ids.join(', ')}`
    clauses.push(near === undefined ? text : `${text}: did you mean ${near}?`)
  }
  return clauses
}

/** The event types of a provider of which there is a sample: as whs says them, and in the provider's own spelling. */
function typesOf(app: App, provider: string): { ours: string[]; own: string[] } {
  try {
    const definition = app.definitionOf(provider)
    const samples = readFixtures(definition, fixturesOf(provider))
    const all = [...samples.events].flatMap(([shape, events]) => events.map(event => ({ shape, event })))
    const own = all.flatMap(({ shape, event }) => providerEventOf(definition, samples.sample(shape, event)) ?? [])
    return { ours: all.map(({ event }) => event), own }
  } catch {
    // A provider that is not known any more has no types.
    return { ours: [], own: [] }
  }
}

/** What a mistyped type may have meant: whole types, or where it ends in `.*`, beginnings of as many words. */
function patternsLike(word: string, types: string[]): string[] {
  if (!word.endsWith('.*')) return types
  const words = word.split('.').length - 1
  return [...new Set(types.map(type => `${type.split('.').slice(0, words).join('.')}.*`))]
}
