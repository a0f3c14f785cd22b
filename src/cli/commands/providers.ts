import { providers } from '../../providers/index.ts'
import { type CommandContext, withApp } from '../context.ts'
import { makePaint } from '../render/paint.ts'
import { jsonLine } from '../render/records.ts'
import { wrap } from '../render/wrap.ts'

export async function providersList({ io }: CommandContext): Promise<number> {
  const paint = makePaint(io.color)
  for (const { id, name, checked, hosts, webhook, docs } of providers) {
    const environments = [...Object.keys(hosts), 'simulator']
    if (io.output === 'json') {
      await io.out(
        jsonLine({ type: 'provider', at: new Date(io.now()).toISOString(), id, name, environments, checked, docs }),
      )
      continue
    }
    const shapes = webhook.shapes.map(shape => shape.name).join(', ')
    await io.out(`${paint.strong(id.padEnd(14))}  ${name.padEnd(22)}  ${environments.join(', ')}`)
    await io.out(paint.faint(`${''.padEnd(16)}${shapes} · checked ${checked.on} by ${checked.how}`))
  }
  return 0
}

export async function providersShow(context: CommandContext, _options: object, id: string): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const definition = app.definitionOf(id)
    if (io.output === 'json') {
      await io.out(jsonLine({ type: 'provider', at: new Date(io.now()).toISOString(), ...definition }))
      return 0
    }
    const paint = makePaint(io.color)
    const { name, company, checked, docs, webhook, oauth, accounts, hosts } = definition
    const { verify, reply } = webhook
    const row = (label: string, text: string): Promise<void> =>
      io.out(wrap(`  ${label.padEnd(12)}  ${text}`, io.columns, 16))
    await io.out(`${paint.strong(name)} (${company}), provider id ${definition.id}`)
    await row('environments', [...Object.keys(hosts), 'simulator'].join(', '))
    await row(
      'consent',
      `OAuth, client secret by ${oauth.clientAuth}, PKCE ${oauth.pkce}, scopes ${oauth.scopes.join(' ')}`,
    )
    for (const { word, consent } of accounts)
      await row('account', `${word}, from the ${consent.from} parameter ${consent.parameter}, then proved by a call`)
    await row(
      'verified',
      `header ${verify.header}, HMAC-${verify.hash.toUpperCase()} in ${verify.encoding} over the exact body`,
    )
    for (const path of webhook.split) await row('split', path)
    for (const shape of webhook.shapes) {
      const where = shape.accounts.map(({ at }) => (typeof at === 'string' ? at : JSON.stringify(at))).join(', ')
      await row('shape', `${shape.name}: account at ${where}`)
    }
    await row('answer', `${reply.ok} within ${reply.withinMs / 1000} s; ${reply.rejected} for what does not verify`)
    await row('checked', `${checked.on}, ${checked.how}; witness: ${checked.witness}`)
    for (const doubt of checked.uncertain) await row('uncertain', doubt)
    await row('docs', docs.webhooks)
    return 0
  })
}
