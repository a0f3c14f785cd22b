import { type Html, html } from '../../core/html.ts'
import type { Reply } from '../../net/door.ts'
import type { SimulatedApp } from '../apps.ts'
import type { World } from '../world.ts'
import { companyCard } from './company-card.ts'
import { eventButtons, pluralOf, specials } from './event-forms.ts'
import { hookRow } from './hook-row.ts'
import { logTable } from './log-table.ts'
import { pageReply } from './page.ts'

/** A provider's page: its companies with buttons that change records, special deliveries, and what was sent. */
export function dashboardPage(world: World, note: string | null): Reply {
  const { definition, companies, apps, catalogue } = world
  const own = catalogue.list().filter(({ isApp }) => isApp)
  const body = html`<main>
<div class="head"><h1>${definition.name} look-alike</h1><a class="small" href="/">all providers</a></div>
<p class="lead">Change a record, and the app is told by a signed delivery, as ${definition.company} would do it.
What is not answered 2xx within ${definition.webhook.reply.withinMs / 1000} s is sent again.${hookLead(world)}</p>
${note === null ? '' : html`<p class="note" role="status">${note}</p>`}
${shownApps(apps.list()).map(app => appCard(world, app))}
<h2>${capital(pluralOf(definition.accounts[0]?.noun ?? 'account'))}</h2>
<div class="companies">${companies.map(company => companyCard(world, company))}</div>
${own.length > 0 ? html`<h2>${definition.company}’s own events</h2><section class="card">${eventButtons(world, null, own)}</section>` : ''}
<h2>Special deliveries</h2>
<div class="special">${specials(world)}</div>
<h2 id="log">What was sent</h2>
${logTable(world)}
</main>`
  return pageReply({ status: 200, width: 'wide', title: `${definition.name} look-alike · simulator of whs`, body })
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

function hookLead({ definition }: World): Html {
  const { per, noun = 'resource' } = definition.activation
  if (per === 'app') return html``
  const each = per === 'resource' ? noun : (definition.accounts[0]?.noun ?? 'account')
  return html` Events go to a hook of each ${each}: without one, nothing is sent.`
}

/** An app that nobody has set up is shown only while there is no other. */
function shownApps(apps: SimulatedApp[]): SimulatedApp[] {
  const used = apps.filter(({ callbackUrl, redirectUris }) => callbackUrl !== null || redirectUris.length > 0)
  return used.length > 0 ? used : apps
}

function appCard(world: World, app: SimulatedApp): Html {
  const { definition } = world
  const { callbackUrl, redirectUris, shape } = app
  const names = formatsOf(world)
  const isOfApp = definition.activation.per === 'app'
  const shapes = names.map(
    name => html`<button name="payload" value="${name}" aria-pressed="${String(name === shape)}">${name}</button>`,
  )
  const callback = html`<dt>${definition.portal.callbackUrl.label}</dt><dd>${codes(callbackUrl === null ? [] : [callbackUrl])}</dd>`
  const choice = html`<form class="row" method="post" action="/${definition.id}/act"><span class="soft small">Payload</span>${shapes}</form>`
  const own = world.hooks.list().filter(hook => hook.company === null && hook.clientId === app.clientId)
  const hooks = html`<div class="hooks"><div class="kind">${own.map(hook => hookRow(world, hook))}</div></div>`
  const test = html`<form class="row" method="post" action="/${definition.id}/act"><input type="hidden" name="clientId" value="${app.clientId}"><button name="test" value="on">${isOfApp ? 'Test the URL' : 'Test the hooks'}</button></form>`
  return html`<section class="card app"><dl>
<dt>App</dt><dd><code>${app.clientId}</code></dd>
${isOfApp ? callback : ''}
<dt>${definition.portal.redirectUri.label}</dt><dd>${codes(redirectUris)}</dd></dl>
${own.length > 0 ? hooks : ''}
<div>${names.length > 1 ? choice : ''}${definition.webhook.handshakes ? test : ''}</div></section>`
}

/** The shapes in which one event may come: a payload format is a choice only there. */
function formatsOf({ catalogue }: World): string[] {
  return [...new Set(catalogue.list().flatMap(({ shapes, isApp }) => (shapes.length > 1 && !isApp ? shapes : [])))]
}

function codes(values: string[]): Html {
  return values.length > 0 ? html`<code>${values.join(' ')}</code>` : html`none yet`
}
