import type { App } from '../../app/app.ts'
import { triggerDeps } from '../../app/trigger-deps.ts'
import { exits, WhsError } from '../../core/errors.ts'
import { type Triggered, trigger } from '../../deliver/trigger.ts'
import { type CommandContext, withApp } from '../context.ts'
import { countOf } from '../count.ts'
import type { Io } from '../io.ts'
import { printAnswer } from '../render/answer.ts'
import { command } from '../render/command.ts'
import { iso, jsonLine } from '../render/records.ts'
import { rejectedLine } from '../render/rejected-line.ts'

export interface TriggerFlags {
  tenant?: string
  mix?: string
  set?: string[]
  count?: string
  wrongSignature?: boolean
  stale?: boolean
  repeat?: boolean
  wait: boolean
}

const answerMs = 30_000

export async function triggerCommand(context: CommandContext, flags: TriggerFlags, what: string): Promise<number> {
  const { io } = context
  return withApp(context, async app => {
    const [, name = '', event] = /^([^:]*):?(.*)$/s.exec(what) as RegExpExecArray
    const stored = await app.findApp(name)
    const deps = await triggerDeps(app, stored)
    if (flags.mix && flags.tenant) throw mixAndTenant(name)
    const tenants = flags.mix ? flags.mix.split(',').map(one => one.trim()) : flags.tenant ? [flags.tenant] : []
    const wish = {
      ...(event ? { event } : {}),
      tenants,
      set: (flags.set ?? []).map(setOf),
      count: flags.count === undefined ? 1 : countOf(flags.count, '--count', 'trigger'),
      wrongSignature: flags.wrongSignature === true,
      stale: flags.stale === true,
      repeat: flags.repeat === true,
      waitMs: flags.wait ? answerMs : 0,
      signal: io.stop.signal,
    }
    const isMeantToFail = wish.wrongSignature || wish.stale
    let code: number = exits.done
    for await (const triggered of trigger(deps, wish)) {
      code = Math.max(code, await print(io, app, triggered, flags.wait))
      if (triggered.rejected && !isMeantToFail) code = Math.max(code, refusedOurs(io))
      if (io.stop.signal.aborted) return io.stop.exit
    }
    return code
  })
}

function mixAndTenant(name: string): WhsError {
  return new WhsError({
    code: 'mix-and-tenant',
    exit: exits.usage,
    what: '--mix and --tenant exclude each other',
    why: '--mix names every tenant of the delivery itself',
    next: `whs trigger ${name} --mix acme,globex`,
  })
}

async function print(
  io: Io,
  app: App,
  { status, events, attempts, unanswered, held, rejected }: Triggered,
  waited: boolean,
): Promise<number> {
  if (rejected) {
    await io.out(rejectedLine(io, rejected))
    return exits.done
  }
  if (events.length === 0) return nothingStored(io, status)
  for (const event of events) await printAnswer(io, app, event, attempts)
  for (const [to, why] of held) {
    const count = unanswered.filter(({ target }) => new URL(target).origin === to).length
    if (io.output === 'json') await io.out(jsonLine({ type: 'held', at: iso(io.now()), to, why, count }))
    else io.note(`held: ${why}; it goes out when it is back`)
  }
  const late = unanswered.filter(({ target }) => !held.has(new URL(target).origin)).length
  if (waited && late > 0) {
    const see = command(io, 'whs events')
    io.note(`${late} not answered within ${answerMs / 1000} s; ${see} shows what becomes of it`)
  }
  const failed = attempts.some(({ status }) => status === null || status < 200 || status > 299)
  return failed || (waited && unanswered.length > 0) ? exits.handler : exits.done
}

/** What is signed here verifies there, unless the two know different secrets. */
function refusedOurs(io: Io): number {
  io.note(
    'it is signed with what this store holds: the listener seems to know another secret (WHS_… in its environment?)',
  )
  return exits.usage
}

/** @throws WhsError `not-taken` (exit 1) */
async function nothingStored(io: Io, status: number): Promise<number> {
  if (status < 200 || status > 299) {
    throw new WhsError({
      code: 'not-taken',
      exit: exits.fault,
      what: `the listener answered ${status} and stored nothing`,
      why: 'it could not store it, or does not know the app',
      next: 'whs doctor',
    })
  }
  const detail = `answered ${status}, and nothing was kept: the account is ignored`
  const fix = command(io, 'whs status')
  if (io.output === 'json') await io.out(jsonLine({ type: 'warning', at: iso(io.now()), code: 'ignored', detail, fix }))
  else io.note(`${detail} (${fix})`)
  return exits.done
}

function setOf(text: string): { path: string; value: string } {
  const equals = text.indexOf('=')
  if (equals > 0) return { path: text.slice(0, equals), value: text.slice(equals + 1) }
  throw new WhsError({
    code: 'bad-set',
    exit: exits.usage,
    what: `"${text}" sets nothing`,
    why: '--set takes a path and a value',
    next: "whs trigger … --set '$[0].time=2026-01-01T00:00:00Z'",
  })
}
