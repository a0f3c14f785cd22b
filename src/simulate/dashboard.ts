import { type Html, html } from '../core/html.ts'
import type { Reply } from '../net/door.ts'
import type { SimulatedApp } from './apps.ts'
import { accountOf, type Company, liveRecords } from './companies.ts'
import { logTable } from './log-table.ts'
import { pageReply } from './page.ts'
import type { World } from './world.ts'

/** A provider's page: its companies with buttons that change records, special deliveries, and what was sent. */
export function dashboardPage(world: World, note: string | null): Reply {
  const { definition, companies, apps } = world
  const body = html`<main>
<div class="head"><h1>${definition.name} look-alike</h1></div>
<p class="lead">Change a record, and the app is told by a signed delivery, as ${definition.company} would do it.
What is not answered 2xx within ${definition.webhook.reply.withinMs / 1000} s is sent again.</p>
${note === null ? '' : html`<p class="note" role="status">${note}</p>`}
${shownApps(apps.list()).map(app => appCard(world, app))}
<h2>Companies</h2>
<div class="companies">${companies.map(company => companyCard(world, company))}</div>
<h2>Special deliveries</h2>
<div class="special">${specials(world)}</div>
<h2 id="log">What was sent</h2>
${logTable(world)}
</main>`
  return pageReply({ status: 200, width: 'wide', title: `${definition.name} look-alike · simulator of whs`, body })
}

/** An app that nobody has set up is shown only while there is no other. */
function shownApps(apps: SimulatedApp[]): SimulatedApp[] {
  const used = apps.filter(({ callbackUrl, redirectUris }) => callbackUrl !== null || redirectUris.length > 0)
  return used.length > 0 ? used : apps
}

function appCard(world: World, app: SimulatedApp): Html {
  const { definition } = world
  const { callbackUrl, redirectUris, shape } = app
  const shapes = definition.webhook.shapes.map(
    ({ name }) =>
      html`<button name="payload" value="${name}" aria-pressed="${String(name === shape)}">${name}</button>`,
  )
  return html`<section class="card app"><dl>
<dt>App</dt><dd><code>${app.clientId}</code></dd>
<dt>${definition.portal.callbackUrl.label}</dt><dd>${codes(callbackUrl === null ? [] : [callbackUrl])}</dd>
<dt>${definition.portal.redirectUri.label}</dt><dd>${codes(redirectUris)}</dd></dl>
<form class="row" method="post" action="/${definition.id}/act"><span class="soft small">Payload</span>${shapes}</form></section>`
}

function codes(values: string[]): Html {
  return values.length > 0 ? html`<code>${values.join(' ')}</code>` : html`none yet`
}

function companyCard(world: World, company: Company): Html {
  const { definition } = world
  const rows = typesOf(world)
    .sort(
      (left, right) => Number(liveRecords(company, right).length > 0) - Number(liveRecords(company, left).length > 0),
    )
    .map(type => typeRow(world, company, type))
  const [word] = definition.accounts.map(account => account.word)
  return html`<section class="card company"><header><h3>${company.name}</h3>${stateChip(world, company)}<code class="soft">${word ?? ''} ${accountOf(definition, company)}</code></header>
${rows.slice(0, shownTypes)}
${rows.length > shownTypes ? html`<details><summary>${rows.length - shownTypes} more</summary>${rows.slice(shownTypes)}</details>` : ''}
</section>`
}

const shownTypes = 3

function stateChip(world: World, company: Company): Html {
  const states = world.apps.list().map(app => world.grants.state(app.clientId, company))
  if (states.includes('connected')) return html`<span class="chip good">connected</span>`
  if (states.includes('disconnected')) return html`<span class="chip bad">disconnected</span>`
  return html`<span class="chip wait">never consented</span>`
}

/** Record types of which there are samples, in the order in which the companies have them. */
function typesOf({ companies, fixtures }: World): string[] {
  const held = companies.flatMap(({ records }) => records.map(({ type }) => type))
  return [...new Set([...held, ...fixtures.records.keys()])].filter(type => eventsOf(fixtures.events, type).length > 0)
}

function eventsOf(events: Map<string, string[]>, type: string): string[] {
  const all = new Set([...events.values()].flat())
  const own = [...all].filter(event => event.startsWith(`${type.toLowerCase()}.`))
  return own.sort((left, right) => rank(left) - rank(right))
}

const verbs: Record<string, string> = {
  created: 'New',
  updated: 'Update',
  emailed: 'E-mail',
  voided: 'Void',
  merged: 'Merge',
  deleted: 'Delete',
}

function verbOf(event: string): string {
  return event.slice(event.indexOf('.') + 1)
}

function rank(event: string): number {
  const at = Object.keys(verbs).indexOf(verbOf(event))
  return at < 0 ? 99 : at
}

function typeRow(world: World, company: Company, type: string): Html {
  const live = liveRecords(company, type)
  const events = eventsOf(world.fixtures.events, type)
  const account = accountOf(world.definition, company)
  const action = `/${world.definition.id}/act`
  const hidden = html`<input type="hidden" name="account" value="${account}">`
  const options = live.toReversed().map(({ id }) => html`<option>${id}</option>`)
  const change = html`<form class="row" method="post" action="${action}">${hidden}
<select name="resourceId" aria-label="${type} of ${company.name}">${options}</select>${events.filter(event => verbOf(event) !== 'created').map(eventButton)}</form>`
  const create = html`<form class="row" method="post" action="${action}">${hidden}${events.filter(event => verbOf(event) === 'created').map(eventButton)}</form>`
  const held = live.length === 1 ? '1 record' : `${live.length} records`
  return html`<div class="kind"><div><b>${type}</b><span>${held}</span>${create}</div>${live.length > 0 ? html`<div>${change}</div>` : ''}</div>`
}

function eventButton(event: string): Html {
  return html`<button name="event" value="${event}">${verbs[verbOf(event)] ?? verbOf(event)}</button>`
}

/** The deliveries that an app must be ready for, and that nobody makes by hand. */
function specials(world: World): Html[] {
  const { companies, definition } = world
  const events = typesOf(world).flatMap(type => eventsOf(world.fixtures.events, type))
  const created = events.find(event => verbOf(event) === 'created') ?? events[0] ?? ''
  const changed = events.find(event => verbOf(event) === 'updated') ?? created
  const [one = '', two = ''] = companies.map(company => accountOf(definition, company))
  const list: [string, string, [string, string][]][] = [
    [
      'Two companies',
      'One delivery with an event of each.',
      [
        ['account', one],
        ['account', two],
        ['event', changed],
        ['event', created],
      ],
    ],
    [
      'Unknown company',
      'An event of a company that never consented here.',
      [
        ['unknownAccount', 'on'],
        ['event', created],
      ],
    ],
    [
      'Forged',
      'Signed by someone who does not know the secret.',
      [
        ['account', one],
        ['event', created],
        ['forge', 'on'],
      ],
    ],
    [
      'Sent twice',
      'The same delivery again, byte for byte.',
      [
        ['account', one],
        ['event', changed],
        ['duplicate', 'on'],
      ],
    ],
    [
      'Twenty in a row',
      'Twenty deliveries, one after the other.',
      [
        ['account', one],
        ['event', created],
        ['count', '20'],
      ],
    ],
  ]
  return list.map(([title, about, fields]) => {
    const inputs = fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)
    return html`<form method="post" action="/${definition.id}/act"><p>${about}</p>${inputs}<button>${title}</button></form>`
  })
}
