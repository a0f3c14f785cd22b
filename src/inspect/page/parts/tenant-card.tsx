import type { TenantView } from '../../api.ts'
import { agoText, momentText } from '../pure/words.ts'
import { AnswersChart, EventsChart } from './charts.tsx'
import { Tag, TenantChip, type Tone } from './chips.tsx'
import { Command, CopyButton } from './copy.tsx'
import { Clip, Text } from './text.tsx'

export interface TenantCardProps {
  tenant: TenantView
  now: number
  onEvents(failed: boolean): void
  onConnect(app: string): void
}

const tones: Record<string, Tone> = { active: 'good', expiring: 'warn', broken: 'bad', revoked: 'bad' }
const soonMs = 7 * 86_400_000

/** One tenant: its connections' health, what ends when, and how its events go. */
export function TenantCard({ tenant, now, onEvents, onConnect }: TenantCardProps) {
  const { name, accounts, connections, activations, events, answers, lastAt, open, failed } = tenant
  return (
    <article class="card" aria-label={name}>
      <header>
        <TenantChip name={name} />
        {failed > 0 && (
          <button type="button" class="tag bad number" onClick={() => onEvents(true)}>
            {failed} failed
          </button>
        )}
        {open > 0 && <span class="tag warn number">{open} open</span>}
        <span class="soft card-last">{lastAt === null ? 'no event yet' : `last event ${agoText(lastAt, now)}`}</span>
        <button type="button" class="button" onClick={() => onEvents(false)}>
          Events
        </button>
      </header>
      <div class="charts">
        <EventsChart counts={events} />
        <AnswersChart times={answers} />
      </div>
      <ul class="rows">
        {connections.map(connection => (
          <Connection connection={connection} accounts={accounts} now={now} onConnect={onConnect} />
        ))}
        {accounts
          .filter(account => !connections.some(({ app }) => app === account.app))
          .map(({ app, word, value, name: said }) => (
            <li>
              <Tag>mapped</Tag>
              <Clip class="strong" value={app} />
              <Clip class="soft" value={`${word} ${value}${said ? ` (${said})` : ''}`} />
            </li>
          ))}
        {activations.map(one => (
          <Activation activation={one} now={now} />
        ))}
      </ul>
    </article>
  )
}

interface ConnectionProps {
  connection: TenantView['connections'][number]
  accounts: TenantView['accounts']
  now: number
  onConnect(app: string): void
}

function Connection({ connection, accounts, now, onConnect }: ConnectionProps) {
  const { app, state, why, scopes, accessExpiresAt, refreshExpiresAt, mend } = connection
  const own = accounts.filter(account => account.app === app)
  const isHurt = state !== 'active'
  // Access tokens are renewed by themselves; only the end of the consent wants a person.
  const ends = refreshExpiresAt
  return (
    <li title={scopes.length > 0 ? `scopes: ${scopes.join(' ')}` : undefined}>
      <Tag tone={tones[state] ?? 'plain'}>{state}</Tag>
      <Clip class="strong" value={app} />
      <span class="clip soft">
        {own.map(({ word, value, name }, index) => (
          <>
            {index > 0 && ', '}
            <Text value={name ? `${name} (${word} ${value})` : `${word} ${value}`} />
          </>
        ))}
      </span>
      {ends !== null && (
        <span class={ends - now < soonMs ? 'ends warn-text' : 'ends faint'} title={momentText(ends)}>
          consent {endText(ends, now)}
        </span>
      )}
      {ends === null && accessExpiresAt !== null && (
        <span class="ends faint" title={momentText(accessExpiresAt)}>
          token {endText(accessExpiresAt, now)}
        </span>
      )}
      {isHurt && (
        <div class="mend">
          {why && (
            <p class="soft">
              <Text value={why} />
            </p>
          )}
          <button type="button" class="button" onClick={() => onConnect(app)}>
            Connect again
          </button>
          {mend && <Command text={mend} />}
        </div>
      )}
    </li>
  )
}

function endText(at: number, now: number): string {
  return `${at < now ? 'ended' : 'ends'} ${agoText(at, now)}`
}

const hookTones: Record<string, Tone> = {
  active: 'good',
  failed: 'bad',
  gone: 'bad',
  pending: 'warn',
  elsewhere: 'warn',
}

function Activation({ activation, now }: { activation: TenantView['activations'][number]; now: number }) {
  const { app, id, state, resource, expiresAt, url } = activation
  return (
    <li>
      <Tag tone={hookTones[state] ?? 'plain'}>{state}</Tag>
      <Clip class="strong" value={app} />
      <Clip class="soft" value={`hook ${id}${resource ? ` on ${resource}` : ''}`} />
      {expiresAt !== null && (
        <span class={expiresAt < now ? 'ends warn-text' : 'ends faint'} title={momentText(expiresAt)}>
          {endText(expiresAt, now)}
        </span>
      )}
      <CopyButton text={url} label="Copy the URL that the hook points at" />
    </li>
  )
}
