import type { App } from '../app/app.ts'
import type { Filter } from '../core/filter.ts'
import { didYouMean, safeText } from '../core/text.ts'

/** What a filter names that there is none of, with what was probably meant. */
export async function unknownNames(app: App, { tenant, app: apps, provider }: Filter): Promise<string[]> {
  const store = app.store()
  const stored = await store.read('listApps')
  const known: [word: string, asked: string[] | undefined, names: string[]][] = [
    ['tenant', tenant, (await store.read('listTenants')).map(({ name }) => name)],
    ['app', apps, stored.map(({ name }) => name)],
    ['provider', provider, stored.map(one => one.provider)],
  ]
  return known.flatMap(([word, asked = [], names]) =>
    asked
      .flatMap(one => one.split('|'))
      .filter(one => !names.includes(one))
      .map(one => {
        const near = didYouMean(one, names)
        const meant = near.length > 0 ? `: did you mean ${near.join(' or ')}?` : '.'
        return `There is no ${word} ${safeText(one)} with events${meant}`
      }),
  )
}
