import type { Fact } from '../../app/facts.ts'
import { clip, durationText, safeText } from '../../core/text.ts'
import type { Io } from '../io.ts'
import { command } from './command.ts'
import { clock, type RowLayout } from './event-row.ts'
import { hookName, hookText, isWell } from './hook-outcome.ts'
import { mendOf } from './mend.ts'
import type { Paint } from './paint.ts'
import { resolutionText } from './resolution-lines.ts'

/** What happens beside events, in the words of `listen`. */
type SideFact = Extract<
  Fact,
  {
    kind:
      | 'stray'
      | 'tunnel'
      | 'handshake'
      | 'connection'
      | 'connection-changed'
      | 'activation'
      | 'resolution'
      | 'warning'
  }
>

/** One line of a session for what is no event and no matter of a target. */
export function factLine({ io, paint, layout }: { io: Io; paint: Paint; layout: RowLayout }, fact: SideFact): string {
  const time = clock(io.now())
  switch (fact.kind) {
    case 'stray': {
      const times = fact.times > 1 ? `, ${fact.times} times` : ''
      const hint = fact.hint ? `. ${command(io, safeText(fact.hint))}` : ''
      return layout.plain(
        time,
        paint.warn('stray'),
        `${safeText(fact.method)} ${clip(safeText(fact.path), 80)} → 404${times}${hint}`,
      )
    }
    case 'tunnel': {
      const away = fact.ms === undefined ? '' : ` after ${durationText(fact.ms)}`
      const text = {
        up: `up again${away}: ${fact.url}`,
        lost: `lost${fact.why ? `: ${safeText(fact.why)}` : ''}. Connecting again; providers see an error and send again by themselves`,
        moved: `moved to ${fact.url}${fact.was ? ` (was ${fact.was})` : ''}: ${command(io, 'whs status')} shows what to change where`,
      }[fact.state]
      return layout.plain(time, paint.warn('tunnel'), text)
    }
    case 'handshake': {
      const { app, handshake, outcome, status, why, fix } = fact
      const said = { passed: 'passed', 'refused-as-wanted': 'refused, as the provider wants it', failed: 'failed' }
      const word = outcome === 'failed' ? paint.bad('handshake') : paint.good('handshake')
      const mend = fix === undefined ? '' : `  ${command(io, fix)}`
      const reason = why === undefined ? '' : `: ${safeText(why)}${mend}`
      return layout.plain(time, word, `${app}  ${safeText(handshake)} ${said[outcome]}, answered ${status}${reason}`)
    }
    case 'connection': {
      const { app, wish, outcome } = fact.ended
      const who = (
        outcome.ok ? outcome.connections.flatMap(one => one.tenants) : wish.tenants.map(({ tenant }) => tenant)
      ).join(', ')
      if (!outcome.ok)
        return layout.plain(time, paint.warn('consent'), `${app}  ${who}  ${safeText(outcome.failure.what)}`)
      const proved = outcome.connections.flatMap(one => one.accounts)
      const accounts = [...new Set(proved.map(one => safeText(one.name ?? one.id)))].join(', ')
      return layout.plain(time, paint.good('connected'), `${app}  ${paint.tenant(who)}  ${accounts}`)
    }
    case 'connection-changed': {
      const { tenant, connection } = fact
      const { app, state, why } = connection
      const mend = mendOf(state, { ...connection, tenant: tenant.name })
      const next = mend === null ? '' : `  ${paint.strong(command(io, mend))}`
      const word = state === 'active' ? paint.good('connected') : paint.warn(state)
      return layout.plain(time, word, `${app}  ${paint.tenant(tenant.name)}  ${safeText(why ?? '')}${next}`)
    }
    case 'activation': {
      const { outcome } = fact
      const todo = outcome.todo === null ? '' : `  ${paint.strong(command(io, outcome.todo))}`
      const word = isWell(outcome) ? paint.good('hook') : paint.warn('hook')
      return layout.plain(time, word, `${hookName(outcome)}  ${hookText(io, outcome)}${todo}`)
    }
    case 'resolution': {
      const { word, text } = resolutionText(io, paint, fact)
      return layout.plain(time, word, text)
    }
    case 'warning': {
      const fix = fact.fix ? `  ${command(io, fact.fix)}` : ''
      return layout.plain(time, paint.warn('warning'), `${safeText(fact.detail)}${fix}`)
    }
  }
}
