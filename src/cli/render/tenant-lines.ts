import { healthOf } from '../../connect/connection-health.ts'
import { countText, safeText } from '../../core/text.ts'
import type { MappingSource } from '../../store/mapping-row.ts'
import type { Tenant, TenantAccount, TenantConnection } from '../../store/tenant-ops.ts'
import type { Io } from '../io.ts'
import { namedAccount } from './account-word.ts'
import { alignRows } from './align.ts'
import { command } from './command.ts'
import { moment } from './event-row.ts'
import { mendOf } from './mend.ts'
import { makePaint, type Paint } from './paint.ts'
import { connectionRecord, iso, jsonLine } from './records.ts'
import { wrap } from './wrap.ts'

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

/** The lines of `tenants list`: one an account with straight columns, the tenant named in the first of its own. */
export function tenantRows(io: Io, tenants: Tenant[]): string[] {
  const lines = alignRows(tenants.flatMap(tenant => rowsOf(io, tenant)))
  return lines.map(line => wrap(line, io.columns, 4))
}

function rowsOf(io: Io, tenant: Tenant): string[][] {
  const paint = makePaint(io.color)
  const { name, events, lastEventAt, accounts } = tenant
  const count =
    events === 0 || lastEventAt === null
      ? 'no event yet'
      : `${countText(events, 'event')}, last ${moment(lastEventAt, io.now())}`
  if (accounts.length === 0) return [[paint.tenant(name), paint.faint(`no account  ${count}`)]]
  return accounts.map((account, index) => [
    index === 0 ? paint.tenant(name) : '',
    `${account.app} ${envText(account)}`,
    namedAccount(account),
    howKnown(io, paint, tenant, account),
    ...(index === 0 ? [paint.faint(count)] : []),
  ])
}

function envText({ env }: TenantAccount): string {
  return env === 'production' ? 'PROD' : env
}

function howKnown(io: Io, paint: Paint, tenant: Tenant, { source, connectionId }: TenantAccount): string {
  const connection = tenant.connections.find(({ id }) => id === connectionId)
  if (source !== 'connect' || !connection) return sources[source]
  return stateText(io, paint, tenant.name, connection)
}

/** How an account came to be a tenant's, where no consent of today says so. */
const sources: Record<MappingSource, string> = {
  map: 'mapped by hand',
  activate: 'by its hook',
  learned: 'learned from a delivery',
  connect: 'connected once',
}

function stateText(io: Io, paint: Paint, tenant: string, connection: TenantConnection): string {
  const { state, why } = healthOf(connection, io.now())
  const mend = mendOf(state, { ...connection, tenant })
  if (mend === null) return paint.good('connected')
  return `${paint.bad(state)}${why ? ` (${safeText(why)})` : ''}: ${command(io, mend)}`
}

/** How long a consent lives, and what makes it live on. */
function lifeText(io: Io, connection: TenantConnection): string {
  const { refreshes, accessExpiresAt } = connection
  const { endsAt } = healthOf(connection, io.now())
  if (endsAt !== null && refreshes) return `the consent ends ${moment(endsAt, io.now())} unless it is used before`
  if (endsAt !== null) return `the consent ends ${moment(endsAt, io.now())}, and nothing renews its token`
  if (accessExpiresAt === null) return 'the consent holds until it is revoked'
  return 'its token is renewed as needed; nobody says when the consent ends'
}

/** The lines of `tenants show`. */
export function tenantLines(io: Io, tenant: Tenant): string[] {
  const paint = makePaint(io.color)
  const { name, createdAt, events, lastEventAt, accounts, connections } = tenant
  const row = (label: string, text: string): string =>
    wrap(`  ${paint.faint(label.padEnd(10))}  ${text}`, io.columns, 14)
  const last = lastEventAt === null ? '' : `, the last ${moment(lastEventAt, io.now())}`
  const lines = [paint.tenant(name), row('since', moment(createdAt, io.now())), row('events', `${events}${last}`)]
  for (const account of accounts) {
    const proof = account.proof ? ` (${safeText(account.proof)})` : ''
    const how = account.source === 'connect' ? 'by consent' : sources[account.source]
    const where = `${account.app} ${envText(account)}`
    lines.push(row('account', `${where}  ${namedAccount(account)}  ${how} ${moment(account.since, io.now())}${proof}`))
  }
  for (const connection of connections) {
    const { id, app, env, scopes } = connection
    lines.push(row('connection', `${app} ${env}  ${stateText(io, paint, name, connection)}  ${paint.faint(id)}`))
    if (connection.state === 'revoked') continue
    lines.push(row('', `scopes ${safeText(scopes)}`))
    lines.push(row('', lifeText(io, connection)))
  }
  if (accounts.length === 0) lines.push(row('account', 'none: its events would be parked'))
  return lines
}
