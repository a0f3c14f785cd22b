import * as activations from './activation-ops.ts'
import * as apps from './app-ops.ts'
import * as attempts from './attempt-ops.ts'
import * as changes from './connection-changes.ts'
import * as connections from './connection-ops.ts'
import * as consents from './consent-ops.ts'
import { countEvents } from './count-events.ts'
import * as custom from './custom-provider-ops.ts'
import type { Db } from './database.ts'
import * as events from './event-ops.ts'
import * as feeds from './feed-ops.ts'
import { findByEnd } from './find-by-end.ts'
import { finishConsent } from './finish-consent-op.ts'
import * as forwards from './forward-ops.ts'
import * as gaps from './gap-ops.ts'
import * as health from './health-ops.ts'
import * as hooks from './hook-ops.ts'
import { ingestDelivery } from './ingest-ops.ts'
import * as inspect from './inspect-ops.ts'
import * as shownTenants from './inspect-tenant-ops.ts'
import * as keys from './key-ops.ts'
import * as listener from './listener-ops.ts'
import * as mappings from './mapping-ops.ts'
import { leaveAccount } from './note-life.ts'
import { ownFacts } from './own-delivery-ops.ts'
import { ownSecret } from './own-secret-op.ts'
import * as prune from './prune-op.ts'
import { hintEvents } from './rare-events.ts'
import * as records from './record-ops.ts'
import * as refreshes from './refresh-ops.ts'
import * as rejected from './rejected-ops.ts'
import * as replays from './replay-ops.ts'
import { countOpen, rerouteOpen, shelveOpen } from './reroute-op.ts'
import * as resolutions from './resolution-ops.ts'
import { retireStore } from './retire-op.ts'
import { fillSearch } from './search-index.ts'
import { shrinkFile } from './shrink-file.ts'
import { storeReading } from './store-reading-op.ts'
import * as tenants from './tenant-ops.ts'
import * as unreadable from './unreadable-ops.ts'
import * as wanted from './wanted-record-ops.ts'

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
  storeReading,
  beginListening: gaps.beginListening,
  noteListening: gaps.noteListening,
  closeGap: gaps.closeGap,
  keepFeedCursor: feeds.keepFeedCursor,
  dropPings: feeds.dropPings,
  recordAttempt: forwards.recordAttempt,
  recordReplays: replays.recordReplays,
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
  claimRefresh: refreshes.claimRefresh,
  keepRefreshed: refreshes.keepRefreshed,
  noteRefreshFailure: refreshes.noteRefreshFailure,
  breakTokens: refreshes.breakTokens,
  leaveAccount,
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
  keepRecord: records.keepRecord,
  settleResolution: resolutions.settleResolution,
  hurryResolutions: resolutions.hurryResolutions,
  wantRecords: wanted.wantRecords,
  endWanting: wanted.endWanting,
  hurryWanted: wanted.hurryWanted,
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
  countEvents,
  countPrunable: prune.countPrunable,
  shrinkFile,
  fillSearch,
  readItem: events.readItem,
  readCursors: events.readCursors,
  cursorsAt: events.cursorsAt,
  findByEnd,
  readBody: events.readBody,
  ownFacts,
  readFeedCursor: feeds.readFeedCursor,
  listFeedCursors: feeds.listFeedCursors,
  undonePings: feeds.undonePings,
  knownEventIds: feeds.knownEventIds,
  readGap: gaps.readGap,
  readMissed: gaps.readMissed,
  feedConnections: feeds.feedConnections,
  readDelivery: events.readDelivery,
  readEvent: events.readEvent,
  eventsOfDelivery: events.eventsOfDelivery,
  lastEvent: events.lastEvent,
  listAttempts: attempts.listAttempts,
  attemptsOfDelivery: attempts.attemptsOfDelivery,
  forwardsOfDelivery: attempts.forwardsOfDelivery,
  listRejected: rejected.listRejected,
  countRejected: rejected.countRejected,
  readRejected: rejected.readRejected,
  openForwards: forwards.openForwards,
  readForward: forwards.readForward,
  readParts: replays.readParts,
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
  refreshState: refreshes.refreshState,
  connectionChanges: changes.connectionChanges,
  changesOf: changes.changesOf,
  lastConnectionChange: changes.lastConnectionChange,
  readListener: listener.readListener,
  listenerToken: listener.listenerToken,
  checkHealth: health.checkHealth,
  countParked: health.countParked,
  countIgnored: health.countIgnored,
  countFailed: health.countFailed,
  unreadableSecrets: unreadable.unreadableSecrets,
  unreadableTokens: unreadable.unreadableTokens,
  hintEvents,
  matchEvents: inspect.matchEvents,
  countMatches: inspect.countMatches,
  firstEventsOf: inspect.firstEventsOf,
  lastTries: inspect.lastTries,
  changeCursors: inspect.changeCursors,
  changedEvents: inspect.changedEvents,
  countKept: inspect.countKept,
  newestMapping: inspect.newestMapping,
  tenantsShown: shownTenants.tenantsShown,
  tenantNames: shownTenants.tenantNames,
  countTenantEvents: shownTenants.countTenantEvents,
  lastEventAt: shownTenants.lastEventAt,
  waitingSlice: shownTenants.waitingSlice,
  answerTimes: shownTenants.answerTimes,
  parkedSlice: shownTenants.parkedSlice,
  parkedKind: shownTenants.parkedKind,
  countTenantsOfApps: shownTenants.countTenantsOfApps,
  rejectedHeaps: rejected.rejectedHeaps,
  recordOf: records.recordOf,
  dueResolutions: resolutions.dueResolutions,
  askables: resolutions.askables,
  resolutionOf: resolutions.resolutionOf,
  recordsAfter: records.recordsAfter,
  lastRecord: records.lastRecord,
  recordConnection: records.recordConnection,
  wantedUpTo: wanted.wantedUpTo,
  dueRecords: wanted.dueRecords,
  wantedAlike: wanted.wantedAlike,
  countWanted: wanted.countWanted,
} satisfies Record<string, Op>

export type Writes = typeof writes
export type Reads = typeof reads
export type WriteName = keyof Writes
export type ReadName = keyof Reads
type InputOf<F> = F extends (db: Db, input: infer I) => unknown ? I : never
/** What an operation is called with: nothing where it takes nothing. */
export type Args<F> = F extends (db: Db) => unknown ? [] : [input: InputOf<F>]
export type Output<F> = F extends (...args: never[]) => infer O ? O : never
