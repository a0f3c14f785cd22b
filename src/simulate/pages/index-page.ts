import type { ProviderDefinition } from '../../core/definition.ts'
import { type Html, html } from '../../core/html.ts'
import type { Reply } from '../../net/door.ts'
import type { Worlds } from '../world.ts'
import { pageReply } from './page.ts'

/** The providers that are played here. With a single one, its page is shown at once. */
export function indexPage(worlds: Worlds): Reply {
  const { definitions } = worlds
  const [only] = definitions
  if (only && definitions.length === 1) return { status: 303, headers: { location: `/${only.id}` } }
  const sent = new Map(worlds.open().map(({ definition, deliveries }) => [definition.id, deliveries.log().length]))
  const rows = [...definitions]
    .sort((left, right) => left.name.localeCompare(right.name))
    .map(definition => row(definition, sent.get(definition.id) ?? 0))
  const body = html`<main><h1>Simulated providers</h1>
<p class="lead">${definitions.length} look-alikes, played from their definitions. Choose one to change its records by hand.</p>
<div class="card log index"><table><thead><tr><th scope="col">Provider</th><th scope="col">Tenant</th><th scope="col">Events go</th><th scope="col">Sent</th></tr></thead>
<tbody>${rows}</tbody></table></div></main>`
  return pageReply({ status: 200, width: 'wide', title: 'Simulator of whs', body })
}

function row({ id, name, accounts, activation }: ProviderDefinition, sent: number): Html {
  const where = {
    app: 'to the app',
    tenant: 'to a hook of each tenant',
    resource: `to a hook of each ${activation.noun ?? 'resource'}`,
  }
  return html`<tr><td><a href="/${id}">${name}</a></td><td class="soft">${accounts[0]?.noun ?? ''}</td>
<td class="soft">${where[activation.per]}</td><td class="time">${sent === 0 ? '' : sent}</td></tr>`
}
