import type { StoredEvent } from '../store/event-ops.ts'
import { isOwn } from '../store/own-delivery-ops.ts'
import type { EventResolution } from '../store/resolution-ops.ts'
import type { TenantAccount, TenantConnection } from '../store/tenant-ops.ts'
import type { App } from './app.ts'

/** The mapping row that makes an event's account its tenant's, and the connection behind it. */
export interface Owned {
  account: TenantAccount | null
  connection: TenantConnection | null
}

/** The mapping of an event's account as it is now. */
export async function ownedBy(app: App, event: StoredEvent): Promise<Owned> {
  const tenant = event.tenant === null ? null : await app.store().read('findTenant', { name: event.tenant })
  const account = tenant?.accounts.find(
    one => one.app === event.app && one.kind === event.accountKind && one.value === event.account,
  )
  const connection = tenant?.connections.find(({ id }) => id === account?.connectionId)
  return { account: account ?? null, connection: connection ?? null }
}

/** By which row an event is its tenant's: since when, and by what proof; or why it is nobody's. */
export async function mappingText(app: App, event: StoredEvent): Promise<string> {
  if (event.scope === 'app') return 'none: it is the app’s own event, of no tenant'
  if (isOwn(event.source) && event.bound !== null) return `it was read with ${event.bound}’s own token`
  const asked = await app.store().read('resolutionOf', { eventSeq: event.seq })
  if (asked?.state === 'found' && event.tenant !== null) return resolvedText(asked)
  if (event.tenant !== null && event.account === null) return `the hook that it came by is ${event.tenant}’s`
  if (event.tenant === null) return asked ? askedText(event, asked) : parkedText(event)
  const { account } = await ownedBy(app, event)
  if (!account) return `${event.tenant} had this account when the event came; it is not mapped any more`
  const when = momentText(account.since)
  if (account.source === 'map') return `mapped to ${event.tenant} by hand, ${when} UTC`
  if (account.source === 'activate') return `a hook of ${event.tenant}, made ${when} UTC`
  if (account.source === 'learned')
    return `learned from the first delivery that was certainly ${event.tenant}’s, ${when} UTC`
  return `connection of ${event.tenant}, consent of ${when} UTC, ${proofText(account.proof)}`
}

/** Which call said whose it is, and when. */
function resolvedText({ proof, account, accountKind, changedAt }: EventResolution): string {
  return `${proof}, ${momentText(changedAt)} UTC; it stands for ${accountKind} ${account}`
}

/** What is asked about it, or was in vain. */
function askedText(event: StoredEvent, { name, value, state, why, asked, changedAt, nextAt }: EventResolution): string {
  if (state === 'open') {
    const so = why === null ? `${asked} connections asked so far` : `${why}, again at ${momentText(nextAt)} UTC`
    return `none yet: the API is asked whose the ${name} ${value} is; ${so}`
  }
  const said = why === null ? '' : `; of the ${name} ${value} the API was asked: ${why}, ${momentText(changedAt)} UTC`
  return `${parkedText(event)}${said}`
}

function momentText(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').slice(0, 19)
}

function parkedText({ reason, account }: StoredEvent): string {
  if (reason === 'mismatch') return 'none: what it names disagrees, so the event is parked and never guessed'
  if (reason === 'unreadable') return 'none: it could not be read, so the event is parked'
  return account === null ? 'none' : 'none: nobody here has this account, so the event is parked'
}

function proofText(proof: string | null): string {
  if (!proof) return 'as the provider’s answer said'
  return proof.endsWith('the new token') ? 'proved with the new token' : `proved: ${proof}`
}
