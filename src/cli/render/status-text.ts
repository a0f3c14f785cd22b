import type { ListenerStatus, SimulatorStatus, Status } from '../../app/status.ts'
import { countText, durationText, safeText } from '../../core/text.ts'
import type { ParkedCount } from '../../store/health-ops.ts'
import type { Io } from '../io.ts'
import { accountWord } from './account-word.ts'
import { appRecord } from './app-lines.ts'
import { command } from './command.ts'
import { moment } from './event-row.ts'
import { makePaint } from './paint.ts'
import { claimCommand, iso } from './records.ts'

/** The one object of `status`. */
export function statusRecord(io: Io, status: Status): object {
  const { listener, url, callbacks, apps, open, failed, parked, ignored, unreadable, simulators } = status
  return {
    type: 'status',
    at: iso(io.now()),
    listener: listener && listenerRecord(listener),
    url,
    callbacks,
    open: open.open,
    untaken: open.untaken,
    oldestOpenAt: open.oldestAt === null ? null : iso(open.oldestAt),
    failed,
    parked: parked.map(one => ({ ...parkedFacts(io, one), oldestAt: iso(one.oldestAt) })),
    ignored: ignored.map(({ app, value, times, lastAt }) => ({
      app,
      account: value,
      times,
      lastAt: lastAt === null ? null : iso(lastAt),
    })),
    unreadable: unreadable.map(({ what, next }) => ({ what, fix: command(io, next) })),
    apps: apps.map(facts => appRecord(io, facts)),
    simulators,
  }
}

function listenerRecord({ pid, startedAt, port, localPort, tunnel, rules, filter, inLanes }: ListenerStatus): object {
  const inspector = `http://127.0.0.1:${localPort}`
  const texts = rules.map(({ text }) => text)
  return { pid, startedAt: iso(startedAt), port, localPort, inspector, tunnel, rules: texts, filter, inLanes }
}

function parkedFacts(io: Io, parked: ParkedCount): object {
  const { app, account, reason, events } = parked
  return { app, account, reason, events, claim: claimCommand(io, parked) }
}

/** The lines of `status` on a terminal. */
export function statusLines(io: Io, status: Status): string[] {
  const paint = makePaint(io.color)
  const { listener, apps, parked, ignored, unreadable, simulators } = status
  const lines = listener
    ? listenerLines(io, listener)
    : [`${paint.warn('nobody listens')}   ${command(io, 'whs listen')}`]
  if (apps.length === 0)
    lines.push(`no app yet       ${command(io, 'whs providers')}, then ${command(io, 'whs setup <provider>')}`)
  for (const { name, definition, stored, tenants, callback } of apps) {
    const env = stored.env === 'production' ? paint.warn('PROD') : stored.env
    lines.push('', `${paint.strong(name)}  ${definition.name} ${env}, ${countText(tenants, 'tenant')}`)
    const { label, where } = definition.portal.callbackUrl
    if (callback !== null) {
      lines.push(`  ${label}: ${paint.strong(callback)}`)
      if (stored.env !== 'simulator') lines.push(paint.faint(`  paste it at ${where}`))
    } else if (stored.announcedUrl !== null) lines.push(paint.faint(`  ${label} was ${stored.announcedUrl}`))
  }
  lines.push('', ...flowLines(io, status))
  for (const one of parked) lines.push(...parkedLines(io, one))
  for (const { app, value, times } of ignored) {
    lines.push(
      `ignored  ${app} ${value === '*' ? 'every unknown account' : safeText(value)}: ${countText(times, 'event')}`,
    )
  }
  for (const { what, next } of unreadable) {
    lines.push(`${paint.bad('broken')}   ${what} cannot be read: ${command(io, next)}`)
  }
  for (const one of simulators) lines.push(simulatorLine(io, one))
  return lines
}

function listenerLines(io: Io, { pid, startedAt, port, publicUrl, tunnel, rules }: ListenerStatus): string[] {
  const paint = makePaint(io.color)
  const since = `since ${moment(startedAt, io.now())} (${durationText(io.now() - startedAt)})`
  const targets =
    rules.length === 0
      ? 'no rule: events are shown, not forwarded'
      : rules.map(({ text }) => safeText(text)).join(' · ')
  return [
    `${paint.good('listening')}  ${paint.strong(publicUrl)}  process ${pid}, ${since}`,
    `  door 127.0.0.1:${port}, tunnel ${safeText(tunnel)}, inspector: ${command(io, 'whs inspect')}`,
    `  forwards to ${targets}`,
  ]
}

function flowLines(io: Io, { open, failed, listener }: Status): string[] {
  const paint = makePaint(io.color)
  const lines: string[] = []
  if (open.open === 0) lines.push('open     nothing waits')
  else {
    const age = open.oldestAt === null ? '' : `, the oldest ${durationText(io.now() - open.oldestAt)} old`
    const untaken = open.untaken === 0 ? '' : `, ${open.untaken} of them no rule takes`
    const hint = listener ? '' : `; they go out with ${command(io, 'whs listen --forward <target>')}`
    lines.push(
      `${paint.warn('open')}     ${countText(open.open, 'forward waits', 'forwards wait')}${age}${untaken}${hint}`,
    )
  }
  if (failed > 0)
    lines.push(
      `${paint.bad('failed')}   ${countText(failed, 'forward')}, not tried any more: ${command(io, 'whs events --failed')}`,
    )
  return lines
}

function parkedLines(io: Io, parked: ParkedCount): string[] {
  const { app, provider, kind, account, reason, events, oldestAt } = parked
  const paint = makePaint(io.color)
  const claim = claimCommand(io, parked)
  const count = `${countText(events, 'event')} since ${moment(oldestAt, io.now())}`
  if (account === null || claim === null) {
    return [`${paint.warn('parked')}   ${app}: ${count}, ${reason}: ${command(io, `whs events --parked --app ${app}`)}`]
  }
  const whose = `${accountWord(provider, kind)} ${safeText(account)} is nobody’s`
  return [`${paint.warn('parked')}   ${app}: ${count}, ${whose}`, `  claim it: ${paint.strong(claim)}`]
}

function simulatorLine(io: Io, { base, apps, state }: SimulatorStatus): string {
  const paint = makePaint(io.color)
  if (state === 'runs') return `simulator  ${paint.good('runs')} at ${base}`
  if (state === 'gone')
    return `simulator  ${paint.warn('does not run')} at ${base} (${apps.join(', ')}): ${command(io, 'whs simulate')}`
  return `simulator  runs at ${base} but has forgotten ${apps.join(', ')}: it hears of them when ${command(io, 'whs listen')} starts`
}
