import type { EndFact, ReadyFact } from '../../app/facts.ts'
import { countText, durationText, safeText } from '../../core/text.ts'
import type { Io } from '../io.ts'
import { command } from './command.ts'
import { moment } from './event-row.ts'
import type { Paint } from './paint.ts'
import { packed, wrap } from './wrap.ts'

const mostApps = 8

/** What is printed when a session is ready: where it is reached, what goes where, what to paste, what is still open. */
export function readyLines({ io, version }: { io: Io; version: string }, paint: Paint, ready: ReadyFact): string[] {
  const to =
    ready.targets.length > 0 ? ` → ${ready.targets.join(', ')}` : '   (no --forward: events are shown and kept)'
  const probe =
    ready.tunnel === 'none'
      ? ''
      : ready.probedMs === null
        ? ''
        : `   reached from outside in ${durationText(ready.probedMs)}`
  const lines = [wrap(`${paint.strong(`whs ${version}`)}   ${ready.url}${to}${probe}`, io.columns, 2)]
  const isLong = ready.apps.length > mostApps
  const shown = isLong ? ready.apps.filter(({ tenants }) => tenants > 0) : ready.apps
  if (isLong) lines.push(`  ${ready.apps.length} apps, ${shown.length} with tenants`)
  const apps = shown.map(
    ({ name, env, tenants }) =>
      `${name} ${env === 'production' ? paint.warn('PROD') : env} ${countText(tenants, 'tenant')}`,
  )
  lines.push(...packed(apps, io.columns, '  '))
  if (ready.apps.length === 0)
    lines.push(`  no app is set up yet: ${paint.strong(command(io, 'whs setup <provider>'))}`)
  for (const { app, tenant, field, where, to: url } of ready.moved) {
    const whose = tenant === null ? app : `${safeText(tenant)}’s hook at ${app}`
    lines.push(`  ${paint.warn('paste')} ${paint.strong(url)}  into ${field} of ${whose}: ${where}`)
  }
  if (ready.tunnel !== 'none' && ready.probedMs === null) {
    lines.push(`  ${paint.warn('warning')} our own public URL did not answer; deliveries may not arrive`)
  }
  lines.push(
    paint.faint(
      `  callback URLs: ${command(io, 'whs status')} · inspector: ${command(io, 'whs inspect')} · Ctrl-C ends, nothing is lost`,
    ),
  )
  const { open, untaken, oldestAt } = ready.open
  if (open > 0 && oldestAt !== null) {
    const taken = open - untaken
    const since = moment(oldestAt, io.now())
    if (taken > 0) lines.push(`  ${taken} open since ${since} ${taken === 1 ? 'goes' : 'go'} out first`)
    if (untaken > 0) lines.push(`  ${untaken} open since ${since} fit no --forward rule and wait`)
  }
  return lines
}

/** The last line of a session. */
export function endLine({ ms, counts }: EndFact): string {
  const owned = counts.events - counts.parked
  const retried = counts.retried > 0 ? ` (${counts.retried} at a later attempt)` : ''
  const answered = counts.answered >= owned ? `all answered 2xx${retried}` : `${counts.answered} answered 2xx${retried}`
  const parts = [
    durationText(ms),
    `${countText(counts.events, 'event')} of ${countText(counts.tenants, 'tenant')}${owned > 0 ? `, ${answered}` : ''}`,
    `${counts.parked} parked`,
    `${counts.rejected} rejected`,
    countText(counts.repeats, 'repeat'),
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    `${counts.open} open`,
  ]
  return parts.join(' · ')
}
