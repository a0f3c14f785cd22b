import { consentDeps } from '../../app/consent-deps.ts'
import { openLinks, revokeLink } from '../../app/links.ts'
import { durationText } from '../../core/text.ts'
import { type CommandContext, withApp } from '../context.ts'
import { makePaint } from '../render/paint.ts'
import { iso, jsonLine } from '../render/records.ts'

export async function linksList(context: CommandContext): Promise<number> {
  const { io } = context
  return withApp(context, async app => {
    const paint = makePaint(io.color)
    const links = await openLinks(app)
    for (const { id, app: name, tenants, state, createdAt, expiresAt } of links) {
      const times = { createdAt: iso(createdAt), expiresAt: iso(expiresAt) }
      if (io.output === 'json')
        await io.out(jsonLine({ type: 'link', at: iso(io.now()), id, app: name, tenants, state, ...times }))
      else {
        const left = durationText(expiresAt - io.now())
        const who = tenants.length > 0 ? tenants.join(', ') : 'whoever the account is'
        await io.out(
          `${paint.strong(id)}  ${name}  ${paint.tenant(who)}  ${state === 'begun' ? 'begun' : 'not opened yet'}, ${left} left`,
        )
      }
    }
    if (links.length === 0 && io.output === 'text') await io.out('No link waits to be opened.')
    return 0
  })
}

export async function linksRevoke(context: CommandContext, _options: object, id: string): Promise<number> {
  const { io } = context
  return withApp(context, async app => {
    await revokeLink(app, consentDeps(app), id.toUpperCase().replace(/^(LNK_)?/, 'lnk_'))
    if (io.output === 'text') await io.out(`${makePaint(io.color).good('✓')} nobody can use it any more`)
    return 0
  })
}
