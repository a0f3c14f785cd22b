import * as activations from './activation-ops.ts'
import * as apps from './app-ops.ts'
import * as attempts from './attempt-ops.ts'
import * as connections from './connection-ops.ts'
import * as consents from './consent-ops.ts'
import * as custom from './custom-provider-ops.ts'
import type { Db } from './database.ts'
import * as events from './event-ops.ts'
import { findByEnd } from './find-by-end.ts'
import { finishConsent } from './finish-consent-op.ts'
import * as forwards from './forward-ops.ts'
import * as health from './health-ops.ts'
import * as hooks from './hook-ops.ts'
import { ingestDelivery } from './ingest-ops.ts'
import * as keys from './key-ops.ts'
import * as listener from './listener-ops.ts'
import * as mappings from './mapping-ops.ts'
import { ownSecret } from './own-secret-op.ts'
import * as prune from './prune-op.ts'
import * as rejected from './rejected-ops.ts'
import { countOpen, rerouteOpen, shelveOpen } from './reroute-op.ts'
import { retireStore } from './retire-op.ts'
import { fillSearch } from './search-index.ts'
import { shrinkFile } from './shrink-file.ts'
import * as tenants from './tenant-ops.ts'
import * as unreadable from './unreadable-ops.ts'

/** An operation works on the database and must not keep anything of its input. */
type Op = (db: Db, input: never) => unknown

/** Operations that write: each runs in a transaction, or in a savepoint of one that several share. */
export const writes = {
  addApp: apps.addApp,
  setApp: apps.setApp,
  removeApp: apps.removeApp,
  announceUrl: apps.announceUrl,
  ingestDelivery,
  keepRejected: rejected.keepRejected,
  recordAttempt: forwards.recordAttempt,
  ownSecret,
  rerouteOpen,
  shelveOpen,
  mapAccount: mappings.mapAccount,
  unmapAccount: mappings.unmapAccount,
  ignoreAccount: mappings.ignoreAccount,
  renameTenant: tenants.renameTenant,
  forgetTenant: tenants.forgetTenant,
  makeConsent: consents.makeConsent,
  departConsent: consents.departConsent,
  keepCallback: consents.keepCallback,
  claimExchange: consents.claimExchange,
  failConsent: consents.failConsent,
  finishConsent,
  disconnect: connections.disconnect,
  addActivation: activations.addActivation,
  confirmActivation: activations.confirmActivation,
  changeActivation: activations.changeActivation,
  removeActivation: activations.removeActivation,
  completeHook: hooks.completeHook,
  noteHook: hooks.noteHook,
  dropHookSecrets: hooks.dropHookSecrets,
  addAppSecretOnce: keys.addAppSecretOnce,
  keepPublicKeys: keys.keepPublicKeys,
  addCustomProvider: custom.addCustomProvider,
  removeCustomProvider: custom.removeCustomProvider,
  startListener: listener.startListener,
  moveListener: listener.moveListener,
  endListener: listener.endListener,
  retireStore,
  pruneSlice: prune.pruneSlice,
} satisfies Record<string, Op>

/** Operations that run in no transaction: those that only read, and two (`shrinkFile`, `fillSearch`) that bring their own. */
export const reads = {
  listApps: apps.listApps,
  findApp: apps.findApp,
  readSecrets: apps.readSecrets,
  readKeys: keys.readKeys,
  readKeyring: keys.readKeyring,
  readOldKeys: keys.readOldKeys,
  readPublicKeys: keys.readPublicKeys,
  findActivationByKey: keys.findActivationByKey,
  findActivation: activations.findActivation,
  activationUrls: activations.activationUrls,
  listActivations: activations.listActivations,
  dueHooks: hooks.dueHooks,
  nextHookAt: hooks.nextHookAt,
  temporaryHooks: hooks.temporaryHooks,
  hookKey: hooks.hookKey,
  findCustomProvider: custom.findCustomProvider,
  listCustomProviders: custom.listCustomProviders,
  listEvents: events.listEvents,
  countEvents: events.countEvents,
  countPrunable: prune.countPrunable,
  shrinkFile,
  fillSearch,
  readItem: events.readItem,
  readCursors: events.readCursors,
  cursorsAt: events.cursorsAt,
  findByEnd,
  readBody: events.readBody,
  readDelivery: events.readDelivery,
  readEvent: events.readEvent,
  eventsOfDelivery: events.eventsOfDelivery,
  lastEvent: events.lastEvent,
  listAttempts: attempts.listAttempts,
  attemptsOfDelivery: attempts.attemptsOfDelivery,
  forwardsOfDelivery: attempts.forwardsOfDelivery,
  listRejected: rejected.listRejected,
  readRejected: rejected.readRejected,
  openForwards: forwards.openForwards,
  readForward: forwards.readForward,
  readPart: forwards.readPart,
  forwardState: forwards.forwardState,
  countOpen,
  ownersOf: mappings.ownersOf,
  listTenants: tenants.listTenants,
  findTenant: tenants.findTenant,
  findConsent: consents.findConsent,
  openConsents: consents.openConsents,
  findConsentByState: consents.findConsentByState,
  openConnections: connections.openConnections,
  findConnection: connections.findConnection,
  readListener: listener.readListener,
  listenerToken: listener.listenerToken,
  checkHealth: health.checkHealth,
  countParked: health.countParked,
  countIgnored: health.countIgnored,
  countFailed: health.countFailed,
  unreadableSecrets: unreadable.unreadableSecrets,
  unreadableTokens: unreadable.unreadableTokens,
} satisfies Record<string, Op>

export type Writes = typeof writes
export type Reads = typeof reads
export type WriteName = keyof Writes
export type ReadName = keyof Reads
type InputOf<F> = F extends (db: Db, input: infer I) => unknown ? I : never
/** What an operation is called with: nothing where it takes nothing. */
export type Args<F> = F extends (db: Db) => unknown ? [] : [input: InputOf<F>]
export type Output<F> = F extends (...args: never[]) => infer O ? O : never
