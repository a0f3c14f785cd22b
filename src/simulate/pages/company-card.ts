import { type Html, html } from '../../core/html.ts'
import type { EventKind } from '../catalogue.ts'
import { accountOf, type Company, liveRecords } from '../companies.ts'
import type { Hook } from '../hooks.ts'
import type { World } from '../world.ts'
import { eventButtons, isVerb } from './event-forms.ts'
import { hookRow } from './hook-row.ts'

const shownTypes = 3
const untyped = 'Events'

/** A company with its records and hooks, and a button for everything that can happen to it. */
export function companyCard(world: World, company: Company): Html {
  const { definition, hooks } = world
  const rows = typesOf(world, company).map(([type, kinds]) => typeRow(world, company, type, kinds))
  const [word] = definition.accounts.map(account => account.word)
  const own = hooks.list().filter(hook => hook.company === company)
  const wants = definition.activation.per !== 'app' || own.length > 0
  return html`<section class="card company"><header><h3>${company.name}</h3>${stateChip(world, company)}<code class="soft">${word ?? ''} ${accountOf(definition, company)}</code></header>
${definition.credentials ? html`<p class="small soft">${definition.credentials.key.label} <code>${world.grants.keyOf(company)}</code></p>` : ''}
${rows.slice(0, shownTypes)}
${rows.length > shownTypes ? html`<details><summary>${rows.length - shownTypes} more</summary>${rows.slice(shownTypes)}</details>` : ''}
${wants ? hookRows(world, company, own) : ''}
</section>`
}

function stateChip(world: World, company: Company): Html {
  const states = world.apps.list().map(app => world.grants.state(app.clientId, company))
  if (states.includes('connected')) return html`<span class="chip good">connected</span>`
  if (states.includes('disconnected')) return html`<span class="chip bad">disconnected</span>`
  return html`<span class="chip wait">never consented</span>`
}

/** What can happen, by type of record; first the types that the company has records of, last what is about no record. */
function typesOf({ catalogue, companies }: World, company: Company): [string, EventKind[]][] {
  const groups = new Map<string, EventKind[]>()
  const held = companies.flatMap(({ records }) => records.map(({ type }) => type))
  for (const type of held) groups.set(type, [])
  for (const kind of catalogue.list()) {
    if (kind.isApp) continue
    const name = kind.type ?? untyped
    groups.set(name, [...(groups.get(name) ?? []), kind])
  }
  const has = (type: string): number => (type === untyped ? -1 : Number(liveRecords(company, type).length > 0))
  return [...groups].filter(([, kinds]) => kinds.length > 0).sort(([left], [right]) => has(right) - has(left))
}

function typeRow(world: World, company: Company, type: string, kinds: EventKind[]): Html {
  const live = liveRecords(company, type)
  if (live.length === 0) {
    return html`<div class="kind"><div><b>${type}</b><span></span></div><div>${eventButtons(world, company, kinds)}</div></div>`
  }
  const made = kinds.filter(kind => isVerb(kind, 'created'))
  const other = kinds.filter(kind => !isVerb(kind, 'created'))
  const choice = html`<select name="resourceId" aria-label="${type} of ${company.name}">${live.toReversed().map(({ id }) => html`<option>${id}</option>`)}</select>`
  const held = live.length === 1 ? '1 record' : `${live.length} records`
  return html`<div class="kind"><div><b>${type}</b><span>${held}</span>${made.length > 0 ? eventButtons(world, company, made) : ''}</div>
${other.length > 0 ? html`<div>${eventButtons(world, company, other, choice)}</div>` : ''}</div>`
}

function hookRows(world: World, company: Company, hooks: Hook[]): Html {
  const { definition } = world
  const rows = hooks.map(hook => hookRow(world, hook))
  const count = hooks.length === 1 ? '1 hook' : `${hooks.length} hooks`
  return html`<details class="hooks"${hooks.length === 0 ? '' : html` open`}><summary>${hooks.length === 0 ? 'No hook yet: nothing is sent' : count}</summary>
${rows.length > 0 ? html`<div class="kind">${rows}</div>` : ''}
<form class="row" method="post" action="/${definition.id}/act"><input type="hidden" name="hook" value="${accountOf(definition, company)}">
<input name="url" placeholder="callback URL" aria-label="URL of a hook for ${company.name}"><input name="secret" placeholder="secret, if any" aria-label="secret of a hook for ${company.name}"><button>Add</button></form></details>`
}
