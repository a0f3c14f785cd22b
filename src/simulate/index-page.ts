import { html } from '../core/html.ts'
import type { Reply } from '../net/door.ts'
import { pageReply } from './page.ts'
import type { World } from './world.ts'

/** The providers that are played here. With a single one, its page is shown at once. */
export function indexPage(worlds: World[]): Reply {
  const [only] = worlds
  if (only && worlds.length === 1) return { status: 303, headers: { location: `/${only.definition.id}` } }
  const items = worlds.map(
    ({ definition, companies }) =>
      html`<a class="choice" href="/${definition.id}"><span><b>${definition.name}</b><span class="soft small">${companies.length} companies</span></span></a>`,
  )
  const body = html`<main><h1>Simulated providers</h1><p class="soft">Choose one to change its records by hand.</p><fieldset>${items}</fieldset></main>`
  return pageReply({ status: 200, width: 'narrow', title: 'Simulator of whs', body })
}
