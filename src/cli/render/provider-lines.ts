import { activationText, type ProviderFacts, providerFacts, retriesText } from '../../app/provider-facts.ts'
import { isKeyOnly, keyIdentity } from '../../core/credentials-definition.ts'
import type { Identity, ProviderDefinition } from '../../core/definition.ts'
import { feedText } from '../../core/feed-text.ts'
import { describeScheme } from '../../core/scheme-text.ts'
import { clip, durationText } from '../../core/text.ts'
import { accountText, valueText, whenText } from '../../core/value-text.ts'
import type { Handshake, Shape } from '../../core/webhook-definition.ts'
import type { Io } from '../io.ts'
import { command } from './command.ts'
import { makePaint } from './paint.ts'
import { wrap } from './wrap.ts'

const columns = ['id', 'name', 'account', 'signature', 'activation', 'checked'] as const

/** The table of `providers list`, its head first; cells that are too long for the terminal are cut. */
export function providerTable(io: Io, all: ProviderFacts[]): string[] {
  const paint = makePaint(io.color)
  const head: ProviderFacts = {
    id: 'provider',
    name: 'name',
    account: 'account',
    signature: 'verified by',
    activation: 'hooks',
    checked: 'checked',
    environments: [],
  }
  const most = { id: 20, name: 26, account: 20, signature: 28, activation: 44, checked: 16 }
  const shown = columns.filter(name => io.columns >= 100 || name === 'id' || name === 'name' || name === 'signature')
  const widths = shown.map(name => Math.min(most[name], Math.max(...[head, ...all].map(row => row[name].length))))
  narrowTo(widths, io.columns - 2 * (shown.length - 1))
  const line = (row: ProviderFacts): string =>
    shown
      .map((name, index) => clip(row[name], widths[index] as number).padEnd(widths[index] as number))
      .join('  ')
      .trimEnd()
  return [paint.faint(line(head)), ...all.map(row => line(row).replace(row.id, paint.strong(row.id)))]
}

const narrowest = 12

/** Takes from the widest column until all fit, or none can be narrower. */
function narrowTo(widths: number[], room: number): void {
  for (let left = widths.reduce((sum, width) => sum + width, 0) - room; left > 0; left--) {
    const widest = Math.max(...widths)
    if (widest <= narrowest) return
    widths[widths.indexOf(widest)] = widest - 1
  }
}

/** Everything about one provider, in sections. */
export function providerLines(io: Io, definition: ProviderDefinition): string[] {
  const paint = makePaint(io.color)
  const lines: string[] = []
  const section = (title: string, rows: [label: string, text: string][]): void => {
    if (rows.length === 0) return
    lines.push('', paint.strong(title))
    const width = Math.max(13, ...rows.map(([label]) => label.length))
    for (const [label, text] of rows) {
      lines.push(wrap(`  ${paint.faint(label.padEnd(width))}  ${command(io, text)}`, io.columns, width + 4))
    }
  }
  const { id, name, company, portal, webhook, activation, checked, docs } = definition
  const { environments } = providerFacts(definition)
  lines.push(`${paint.strong(name)} (${company}), provider id ${id}`, `environments: ${environments.join(', ')}`)
  section('App', appRows(definition))
  section('Consent', consentRows(definition))
  section('Accounts', accountRows(definition))
  section('Hooks', [
    ['activation', activationText(activation)],
    ...(activation.days ? [['lives', `${activation.days} days`] as [string, string]] : []),
    ...activation.steps.map((step, index): [string, string] => [`step ${index + 1}`, step]),
    ...portal.events.map((note): [string, string] => [activation.per === 'app' ? 'then' : 'the app', note]),
  ])
  section('Verification', verifyRows(definition))
  section('Delivery', deliveryRows(definition))
  section('Answer', [
    ['good', `${webhook.reply.ok} within ${durationText(webhook.reply.withinMs)}`],
    ['not verified', String(webhook.reply.rejected)],
    ['tries', retriesText(webhook.retries)],
  ])
  const [first] = definition.accounts
  section(
    'Feeds',
    (definition.feeds ?? []).map(feed => [feed.name, feedText(feed, first?.word ?? 'account')]),
  )
  section('Asked', askedRows(definition))
  section('How sure', [
    ['checked', `${checked.on}, ${checked.how === 'docs' ? 'in the provider’s own texts' : 'at the provider'}`],
    ['witness', checked.witness],
    ...checked.uncertain.map((doubt): [string, string] => ['uncertain', doubt]),
    ...Object.entries(docs),
  ])
  lines.push('', `set it up:  ${paint.strong(command(io, `whs setup ${id}`))}`)
  return lines
}

/** What the API is asked for with the tenants' tokens: changed things, and whose a value is. */
function askedRows({ record = [], resolve = [] }: ProviderDefinition): [string, string][] {
  return [
    ...record.map(({ words, call }): [string, string] => [
      'a changed thing',
      `${Object.keys(words).join(', ')}: ${call.method} ${call.url}`,
    ]),
    ...resolve.map(({ name, as, call }): [string, string] => [
      `whose a ${name} is`,
      `${as === 'app' ? 'asked once, as the app' : 'asked of each tenant’s API'}: ${call.method} ${call.url}`,
    ]),
  ]
}

function appRows({ portal, secrets, settings = {}, oauth }: ProviderDefinition): [string, string][] {
  const isKey = isKeyOnly({ oauth })
  const state = ({ later, optional }: { later?: boolean; optional?: boolean }): string =>
    `${later ? ' (later)' : ''}${optional ? ' (optional)' : ''}`
  return [
    ...(isKey ? [] : [['client id', `${portal.clientId.label}: ${portal.clientId.where}`] as [string, string]]),
    ...Object.entries(settings).map(([name, one]): [string, string] => [
      name,
      `${one.label}: ${one.where}${one.default === undefined ? '' : ` (default ${one.default})`}`,
    ]),
    ...Object.entries(secrets).map(([name, one]): [string, string] => [
      `${name} secret`,
      `${one.label}: ${one.where}${state(one)}`,
    ]),
    ...(isKey ? [] : [['redirect', `${portal.redirectUri.label}: ${portal.redirectUri.where}`] as [string, string]]),
    ['callback', `${portal.callbackUrl.label}: ${portal.callbackUrl.where}`],
  ]
}

function consentRows(definition: ProviderDefinition): [string, string][] {
  const { oauth, credentials, ask = [], identity, api, lifecycle = [] } = definition
  const secret = oauth.clientAuth === 'basic' ? 'in the header' : 'in the body'
  const rows: [string, string][] = ask.map(({ name, label, example }) => [
    'asked before',
    `${label}, such as ${example} (--set ${name}=…)`,
  ])
  if (credentials) rows.push(['key', `${credentials.key.label}: ${credentials.key.where} (whs connect … --key -)`])
  if (oauth.kind === 'none') return [...rows, ['account from', identityText(keyIdentity(definition))]]
  if (oauth.kind === 'callback') rows.push(['kind', 'the browser comes back with the account; there is no token'])
  else {
    rows.push(['kind', `authorization code, PKCE ${oauth.pkce}, client secret ${secret}`])
    rows.push(['scopes', oauth.scopes.join(oauth.scopeSeparator === ',' ? ', ' : ' ') || 'none'])
    const life = oauth.accessSeconds === null ? 'until it is revoked' : durationText(oauth.accessSeconds * 1000)
    const renewed = { rotating: 'renewed by a token that changes', stable: 'renewed', none: 'not renewed' }
    rows.push(['token', `lives ${life}, ${renewed[oauth.refresh.kind]}`])
  }
  const redirects = Object.entries(oauth.redirect).map(([env, how]) => `${env} ${how}`)
  rows.push(['redirect', redirects.join(', ')], ['account from', identityText(identity)])
  const { calls, seconds = 1, concurrent } = api?.limits ?? {}
  if (calls !== undefined)
    rows.push(['API limit', `${calls} calls in ${seconds} s${concurrent ? `, ${concurrent} at once` : ''}`])
  for (const { events, means, why } of lifecycle) rows.push([means, `${why}: ${events.join(', ')}`])
  if (oauth.leaves) rows.push(['revoked', `${oauth.leaves.why}: DELETE at the redirect URI`])
  return rows
}

function identityText({ from, items, prove }: Identity): string {
  const words: Record<string, string> = {
    callback: 'the callback’s parameters',
    token: 'the token reply',
    'id-token': 'the ID token',
    ask: 'what was typed',
  }
  const source = typeof from === 'string' ? words[from] : `${from.method} ${from.url}`
  const several = items ? ', several may come' : ''
  return `${source}${several}${prove ? `, proved by ${prove.call.method} ${prove.call.url}` : ''}`
}

function accountRows({ accounts }: ProviderDefinition): [string, string][] {
  const from = { consent: 'known at the consent', activation: 'the id of a hook', delivery: 'learned from a delivery' }
  return accounts.map(one => [one.kind, `${one.word} (${one.noun}), ${from[one.from]}`])
}

function verifyRows({ webhook }: ProviderDefinition): [string, string][] {
  return [
    ...webhook.verify.map((scheme, index): [string, string] => {
      const when = 'when' in scheme && scheme.when ? `; where ${whenText(scheme.when)}` : ''
      return [index === 0 ? 'signature' : 'else', describeScheme(scheme) + when]
    }),
    ...(webhook.handshakes ?? []).map((one): [string, string] => ['handshake', handshakeText(one)]),
  ]
}

function handshakeText({ kind, method, proof, brings }: Handshake): string {
  const who =
    proof === 'none' ? 'anyone may ask' : proof === 'signature' ? 'signed like a delivery' : 'with the right token'
  return `${kind}, ${method}, ${who}${brings ? `; it brings the ${brings.secret} secret` : ''}`
}

function deliveryRows({ webhook }: ProviderDefinition): [string, string][] {
  const bodies = webhook.body.map(one => (typeof one === 'string' ? one : `JSON in the form field ${one.jsonField}`))
  return [
    ['request', `${webhook.methods.join(' or ')}, ${bodies.join(' or ')}`],
    ['items', webhook.split.join(', then ') || 'the whole body'],
    ...webhook.shapes.map((shape): [string, string] => [`shape ${shape.name}`, shapeText(shape)]),
  ]
}

function shapeText({ when, providerEvent, id, accounts, scope, reply }: Shape): string {
  const whose =
    scope === 'app'
      ? 'the app’s own'
      : accounts.length === 0
        ? 'whose the hook is'
        : accounts.map(accountText).join(', ')
  const repeats = id === undefined ? 'no id' : `id ${valueText(id)}`
  const answer = reply === 'handler' ? '; your handler answers' : ''
  return `where ${whenText(when)}; type ${valueText(providerEvent)}, ${repeats}, account ${whose}${answer}`
}
