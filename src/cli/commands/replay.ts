import type { App } from '../../app/app.ts'
import { openReplay, type Replay } from '../../app/replay.ts'
import { unknownSentences } from '../../app/unknown-names.ts'
import { exits, WhsError } from '../../core/errors.ts'
import type { Filter } from '../../core/filter.ts'
import { isSuccess } from '../../core/retry.ts'
import { parseTarget } from '../../core/rule.ts'
import { countText, durationText } from '../../core/text.ts'
import { noTarget, type ReplayPart } from '../../deliver/replay-plan.ts'
import { askYes } from '../ask.ts'
import { type CommandContext, withApp } from '../context.ts'
import { editPart } from '../edit-part.ts'
import { type FilterFlags, filterOf } from '../filter-options.ts'
import { findId } from '../find-id.ts'
import { gatheredOut } from '../gathered-out.ts'
import type { Io } from '../io.ts'
import { grouped, startProgress } from '../progress.ts'
import { answerLines } from '../render/answer.ts'
import { type SendingFlags, sendingOf } from '../sending-options.ts'

interface ReplayFlags extends FilterFlags, SendingFlags {
  to?: string
  asTenant?: string
  edit?: boolean
  keepSignature?: boolean
  allowRemote?: boolean
  rejected?: boolean
}

/** More than so many are only sent when the person says so. */
const unasked = 20

export async function replayCommand(context: CommandContext, flags: ReplayFlags, ids: string[]): Promise<number> {
  const { io } = context
  const filter = filterOf(flags, io.now())
  refuseFlags(flags, ids.length === 0 && Object.keys(filter).length === 0)
  const sending = await sendingOf(flags)
  return withApp(context, async app => {
    const chosen = ids.length > 0 ? await chosenBy(app, ids) : undefined
    const replay = await openReplay(app, {
      ...(chosen ? { eventSeqs: chosen.seqs } : {}),
      filter,
      ...(flags.to === undefined ? {} : { to: parseTarget(flags.to, flags.allowRemote) }),
      allowRemote: flags.allowRemote === true,
      ...(flags.asTenant === undefined ? {} : { asTenant: flags.asTenant }),
      keepSignature: flags.keepSignature === true,
      ...sending,
    })
    try {
      return await run(io, app, replay, filter, flags.edit ? { whole: chosen?.isDelivery === true } : null)
    } finally {
      await replay.close()
    }
  })
}

async function run(io: Io, app: App, replay: Replay, filter: Filter, edit: { whole: boolean } | null): Promise<number> {
  const { plan } = replay
  if (plan.parked > 0)
    io.note(`${countText(plan.parked, 'event')} of these is nobody's and not sent: whs events --parked`)
  if (plan.count === 0) {
    io.note(['nothing fits, so nothing was sent.', ...(await unknownSentences(app, filter))].join(' '))
    return exits.done
  }
  if (edit === null && plan.count > unasked && !(await mayGo(io, plan.count))) {
    io.note('nothing was sent')
    return exits.done
  }
  const changed = edit ? await editPart(io, replay, edit) : null
  if (changed && changed.parts.length > 0 && !changed.body) io.note('nothing was edited; it goes as it is')
  return send(io, app, replay, changed)
}

async function mayGo(io: Io, count: number): Promise<boolean> {
  if (io.yes) return true
  if (io.mayAsk) return askYes(io, `Send ${countText(count, 'event')} again?`)
  throw new WhsError({
    code: 'replay-many',
    exit: exits.usage,
    what: `${countText(count, 'event')} would be sent again`,
    why: `more than ${unasked} are only sent when a person says so`,
    next: 'the same with --yes',
  })
}

async function send(
  io: Io,
  app: App,
  replay: Replay,
  changed: { parts: ReplayPart[]; body?: Buffer } | null,
): Promise<number> {
  const { plan } = replay
  const store = app.store()
  const isMany = plan.count > unasked
  const progress = isMany ? startProgress(io, plan.count, 'event') : null
  const out = gatheredOut(io)
  const startedAt = io.now()
  let [sent, failed, givenUp] = [0, 0, 0]
  const options = changed ? { parts: changed.parts, ...(changed.body ? { body: changed.body } : {}) } : {}
  const end = await replay.send({ ...options, signal: io.stop.signal }, async parts => {
    const lines: string[] = []
    for (const { part, attempts, arrived } of parts) {
      const { events } = part
      // Interrupted while its answer was awaited.
      if (attempts.length === 0) givenUp += events.length
      else sent += events.length
      const isBad = !attempts.every(({ status }) => isSuccess(status))
      if (isBad) failed += events.length
      progress?.step(events.length, isBad ? events.length : 0)
      if (attempts.length === 0 || (io.output === 'text' && isMany && !isBad)) continue
      for (const event of events) {
        lines.push(...answerLines(io, event, arrived.subarray(event.start, event.start + event.length), attempts))
      }
    }
    if (lines.length > 0) progress?.clear()
    await out(lines)
  })
  progress?.clear()
  const [first] = plan.passed.untaken
  if (sent + givenUp === 0 && first && end.nobody === null) throw await noTarget(store, first)
  tellPassed(io, plan.passed)
  if (io.stop.signal.aborted) {
    io.note(interruptedText({ sent, failed, givenUp, count: plan.count }))
    return io.stop.exit
  }
  if (end.nobody !== null) {
    const unsent = plan.count - sent
    io.note(`${end.nobody}${unsent > 0 ? `; ${grouped(unsent)} of ${grouped(plan.count)} not even tried` : ''}`)
  } else if (isMany && io.output === 'text') {
    const bad = failed > 0 ? `, ${grouped(failed)} of them not answered 2xx` : ', all answered 2xx'
    io.note(`${grouped(sent)} sent again in ${durationText(io.now() - startedAt)}${bad}`)
  }
  return failed > 0 || end.nobody !== null ? exits.handler : exits.done
}

/** What was done before a person's Ctrl-C, and what was not. */
function interruptedText(counts: { sent: number; failed: number; givenUp: number; count: number }): string {
  const { sent, failed, givenUp, count } = counts
  if (count === 1 && givenUp === 1) return 'interrupted while its answer was awaited'
  const left = count - sent - givenUp
  const texts = [
    `${grouped(sent)} of ${grouped(count)} sent again${failed > 0 ? ` (${grouped(failed)} not answered 2xx)` : ''}`,
    ...(givenUp > 0 ? [`${grouped(givenUp)} given up while the answer was awaited`] : []),
    ...(left > 0 ? [`${grouped(left)} not sent`] : []),
  ]
  return `interrupted: ${texts.join(', ')}`
}

const named = 20

function tellPassed(io: Io, { untaken, unverified }: Replay['plan']['passed']): void {
  for (const event of untaken.slice(0, named)) {
    io.note(`${event.id} was not sent: no forward rule takes it; --to says where`)
  }
  if (untaken.length > named) io.note(`nor were ${grouped(untaken.length - named)} more, for the same reason`)
  if (unverified > 0) io.note(`${countText(unverified, 'event')} not sent: never verified`)
}

/** @throws WhsError for flags that say nothing, or exclude each other */
function refuseFlags(flags: ReplayFlags, isEmpty: boolean): void {
  if (flags.rejected) {
    throw usage('never-verified', 'what was rejected is not sent again', 'it never verified', 'whs events --rejected')
  }
  if (flags.parked) {
    throw usage('replay-parked', 'what is parked is not sent', 'it is nobody’s so far', 'whs events --parked')
  }
  const change = flags.edit ? '--edit' : flags.asTenant === undefined ? undefined : '--as-tenant'
  if (flags.keepSignature && change) {
    const why = 'the original signature is over the original bytes'
    throw usage(
      'keep-and-change',
      `--keep-signature and ${change} exclude each other`,
      why,
      `whs replay <id> ${change}`,
    )
  }
  if (isEmpty) {
    const why = 'events are named by their ids, by filters, or by both'
    throw usage('nothing-named', 'nothing says which events', why, 'whs replay last, or whs replay --failed --since 1h')
  }
}

function usage(code: string, what: string, why: string, next: string): WhsError {
  return new WhsError({ code, exit: exits.usage, what, why, next })
}

/** Events by their ids; of a delivery, every event that has a tenant. */
async function chosenBy(app: App, ids: string[]): Promise<{ seqs: number[]; isDelivery: boolean }> {
  const seqs: number[] = []
  let isDelivery = false
  for (const id of ids) {
    const found = await findId(app, id)
    if (found.kind === 'event') seqs.push(found.seq)
    else if (found.kind === 'rejected') throw rejectedError(id)
    else {
      isDelivery = true
      const events = await app.store().read('eventsOfDelivery', { deliverySeq: found.deliverySeq })
      const owned = events.filter(event => event.scope === 'tenant')
      seqs.push(...(owned.length > 0 ? owned : events).map(event => event.seq))
    }
  }
  return { seqs, isDelivery }
}

function rejectedError(id: string): WhsError {
  return usage(
    'never-verified',
    `${id} is not sent again`,
    'it never verified, and a replay would make it look as if it had',
    `whs events show ${id}`,
  )
}
