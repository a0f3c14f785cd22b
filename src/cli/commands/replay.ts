import type { App } from '../../app/app.ts'
import { sendDeps } from '../../app/send-deps.ts'
import { exits, WhsError } from '../../core/errors.ts'
import { parseTarget } from '../../core/rule.ts'
import { planReplay, sendReplay } from '../../deliver/replay.ts'
import { openSender } from '../../net/send.ts'
import { type CommandContext, withApp } from '../context.ts'
import { findId } from '../find-id.ts'
import { printAnswer } from '../render/answer.ts'

export async function replayCommand(
  context: CommandContext,
  flags: { to?: string; allowRemote?: boolean },
  ids: string[],
): Promise<number> {
  const { io } = context
  return withApp(context, async app => {
    const to = flags.to === undefined ? {} : { to: parseTarget(flags.to, flags.allowRemote) }
    const plan = await planReplay(app.store(), { eventSeqs: await eventSeqs(app, ids), ...to })
    const sender = openSender()
    try {
      const wish = {
        allowRemote: flags.allowRemote === true,
        deliver: 'original' as const,
        handlerTimeoutMs: undefined,
      }
      const deps = await sendDeps(app, sender, wish)
      let failed = 0
      for (const part of plan.parts) {
        if (io.stop.signal.aborted) return io.stop.exit
        const attempts = await sendReplay(deps, part, { signal: io.stop.signal })
        for (const event of part.events) await printAnswer(io, app, event, attempts)
        failed += attempts.filter(({ status }) => status === null || status < 200 || status > 299).length
      }
      for (const event of plan.untaken) io.note(`${event.id} was not sent: no forward rule takes it; --to says where`)
      return failed > 0 ? exits.handler : exits.done
    } finally {
      await sender.close()
    }
  })
}

/** Events by their ids; of a delivery, every event that has a tenant. */
async function eventSeqs(app: App, ids: string[]): Promise<number[]> {
  const seqs: number[] = []
  for (const id of ids) {
    const found = await findId(app, id)
    if (found.kind === 'event') seqs.push(found.seq)
    else if (found.kind === 'rejected') throw rejectedError(id)
    else {
      const events = await app.store().read('eventsOfDelivery', { deliverySeq: found.deliverySeq })
      const owned = events.filter(event => event.scope === 'tenant')
      seqs.push(...(owned.length > 0 ? owned : events).map(event => event.seq))
    }
  }
  return seqs
}

function rejectedError(id: string): WhsError {
  return new WhsError({
    code: 'never-verified',
    exit: exits.usage,
    what: `${id} is not sent again`,
    why: 'it never verified, and a replay would make it look as if it had',
    next: `whs events show ${id}`,
  })
}
