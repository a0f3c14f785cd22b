import { type Html, html } from '../../core/html.ts'
import type { EventKind } from '../catalogue.ts'
import { accountOf, type Company } from '../companies.ts'
import type { World } from '../world.ts'

const verbs: Record<string, string> = {
  created: 'New',
  updated: 'Update',
  emailed: 'E-mail',
  voided: 'Void',
  merged: 'Merge',
  deleted: 'Delete',
}

export function isVerb({ event }: EventKind, verb: string): boolean {
  return verbOf(event) === verb
}

function verbOf(event: string): string {
  return event.slice(event.lastIndexOf('.') + 1)
}

/** `payment_failed` → `Payment failed`. */
function wordOf(event: string): string {
  const verb = verbOf(event)
  const word = verbs[verb] ?? verb.replaceAll(/[_-]/g, ' ')
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}

function rank(event: string): number {
  const at = Object.keys(verbs).indexOf(verbOf(event))
  return at < 0 ? 99 : at
}

/** A button for each event, of a company (or of nobody, for the platform's own), about the record that is chosen. */
export function eventButtons(world: World, company: Company | null, kinds: EventKind[], choice?: Html): Html {
  const { definition } = world
  const account = company === null ? '' : accountOf(definition, company)
  const hidden = company === null ? '' : html`<input type="hidden" name="account" value="${account}">`
  const buttons = [...kinds]
    .sort((left, right) => rank(left.event) - rank(right.event))
    .map(({ event, type }) => {
      const alike = kinds.filter(one => verbOf(one.event) === verbOf(event)).length > 1
      const whole = alike || type === null || company === null
      const text = whole ? event : wordOf(event)
      return html`<button name="event" value="${event}" title="${event}">${text}</button>`
    })
  return html`<form class="row" method="post" action="/${definition.id}/act">${hidden}
${choice ?? ''}${buttons}</form>`
}

/** The deliveries that an app must be ready for, and that nobody makes by hand. */
export function specials(world: World): Html[] {
  const { companies, definition, catalogue } = world
  const kinds = catalogue.list().filter(({ isApp }) => !isApp)
  const [created, changed] = [kindOf(kinds, 'created'), kindOf(kinds, 'updated')]
  const [one = '', two = ''] = companies.map(company => accountOf(definition, company))
  const noun = definition.accounts[0]?.noun ?? 'account'
  const list: [string, string, [string, string][]][] = [
    [
      `Two ${pluralOf(noun)}`,
      `An event of each, in one delivery where ${definition.company} does so.`,
      [
        ['account', one],
        ['account', two],
        ['event', changed],
        ['event', created],
      ],
    ],
    [
      `Unknown ${noun}`,
      'An event of one that never consented here.',
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
  if (created === '') return []
  return list.map(([title, about, fields]) => {
    const inputs = fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)
    return html`<form method="post" action="/${definition.id}/act"><p>${about}</p>${inputs}<button>${title}</button></form>`
  })
}

/** Companies, shops, mailboxes. */
export function pluralOf(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`
  return /(?:[sxz]|[cs]h)$/.test(noun) ? `${noun}es` : `${noun}s`
}

function kindOf(kinds: EventKind[], verb: string): string {
  return (kinds.find(kind => isVerb(kind, verb)) ?? kinds[0])?.event ?? ''
}
