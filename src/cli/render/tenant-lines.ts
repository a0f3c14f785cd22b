import { countText, safeText } from '../../core/text.ts'
import type { Tenant, TenantAccount, TenantConnection } from '../../store/tenant-ops.ts'
import type { Io } from '../io.ts'
import { accountWord } from './account-word.ts'
import { command, shellWord } from './command.ts'
import { moment } from './event-row.ts'
import { makePaint, type Paint } from './paint.ts'
import { connectionRecord, iso, jsonLine } from './records.ts'

/** The `tenant` record of a tenant, then a `connection` record for each of its consents. */
export function tenantRecords(io: Io, tenant: Tenant): string[] {
  const { name: id, createdAt, events, lastEventAt, accounts, connections } = tenant
  const record = {
    type: 'tenant',
    at: iso(io.now()),
    id,
    createdAt: iso(createdAt),
    events,
    lastEventAt: lastEventAt === null ? null : iso(lastEventAt),
    accounts: accounts.map(({ app, provider, env, kind, value, name, source, proof, since, connectionId }) => ({
      app,
      provider,
      env,
      kind,
      id: value,
      name,
      source,
      proof,
      since: iso(since),
      connection: connectionId,
    })),
  }
  return [jsonLine(record), ...connections.map(connection => jsonLine(connectionRecord(io, connection, tenant)))]
}

/** The lines of `tenants list`: one an account, the tenant named in the first. */
export function tenantRows(io: Io, tenant: Tenant, width: number): string[] {
  const paint = makePaint(io.color)
  const { name, events, lastEventAt, accounts } = tenant
  const count =
    events === 0 || lastEventAt === null
      ? 'no event yet'
      : `${countText(events, 'event')}, last ${moment(lastEventAt, io.now())}`
  const owner = (index: number): string => (index === 0 ? paint.tenant(name.padEnd(width)) : ' '.repeat(width))
  if (accounts.length === 0) return [`${owner(0)}  ${paint.faint('no account')}  ${count}`]
  return accounts.map((account, index) => {
    const rest = index === 0 ? `  ${paint.faint(count)}` : ''
    return `${owner(index)}  ${accountText(account)}  ${howKnown(io, paint, tenant, account)}${rest}`
  })
}

function accountText({ app, provider, env, kind, value, name }: TenantAccount): string {
  const named = name === null ? '' : `${safeText(name)}, `
  return `${app} ${env === 'production' ? 'PROD' : env}  ${named}${accountWord(provider, kind)} ${safeText(value)}`
}

function howKnown(io: Io, paint: Paint, tenant: Tenant, { source, connectionId }: TenantAccount): string {
  if (source === 'map') return 'mapped by hand'
  const connection = tenant.connections.find(({ id }) => id === connectionId)
  if (!connection) return 'connected once'
  return stateText(io, paint, tenant.name, connection)
}

function stateText(io: Io, paint: Paint, tenant: string, { state, why, app }: TenantConnection): string {
  if (state === 'active') return paint.good('connected')
  const mend = command(io, `whs connect ${app} --tenant ${shellWord(tenant)}`)
  return `${paint.bad(state)}${why ? ` (${safeText(why)})` : ''}: ${mend}`
}

/** The lines of `tenants show`. */
export function tenantLines(io: Io, tenant: Tenant): string[] {
  const paint = makePaint(io.color)
  const { name, createdAt, events, lastEventAt, accounts, connections } = tenant
  const row = (label: string, text: string): string => `  ${paint.faint(label.padEnd(10))}  ${text}`
  const last = lastEventAt === null ? '' : `, the last ${moment(lastEventAt, io.now())}`
  const lines = [paint.tenant(name), row('since', moment(createdAt, io.now())), row('events', `${events}${last}`)]
  for (const account of accounts) {
    const proof = account.proof ? ` (${safeText(account.proof)})` : ''
    const how = account.source === 'map' ? 'mapped by hand' : 'by consent'
    lines.push(row('account', `${accountText(account)}  ${how} ${moment(account.since, io.now())}${proof}`))
  }
  for (const connection of connections) {
    const { id, app, env, scopes, accessExpiresAt, refreshExpiresAt } = connection
    lines.push(row('connection', `${app} ${env}  ${stateText(io, paint, name, connection)}  ${paint.faint(id)}`))
    if (connection.state === 'revoked') continue
    lines.push(row('', `scopes ${safeText(scopes)}`))
    const ends = refreshExpiresAt ?? accessExpiresAt
    if (ends !== null) lines.push(row('', `the consent ends ${moment(ends, io.now())} unless it is used before`))
  }
  if (accounts.length === 0) lines.push(row('account', 'none: its events would be parked'))
  return lines
}
