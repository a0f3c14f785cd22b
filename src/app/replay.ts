import type { ProviderDefinition } from '../core/definition.ts'
import type { Filter } from '../core/filter.ts'
import type { SigningKey } from '../deliver/forward-request.ts'
import { type ReplayOptions, readForEdit, type SentPart } from '../deliver/replay.ts'
import { type ReplayEnd, replayAll } from '../deliver/replay-all.ts'
import type { AsTenant } from '../deliver/replay-change.ts'
import { planReplay, type ReplayPart, type ReplayPlan } from '../deliver/replay-plan.ts'
import type { SendDeps } from '../deliver/send-part.ts'
import { openSender } from '../net/send.ts'
import type { ForwardWork } from '../store/forward-ops.ts'
import type { Tenant } from '../store/tenant-ops.ts'
import type { App } from './app.ts'
import { knownTenant } from './known-tenant.ts'
import { sendDeps } from './send-deps.ts'

/** What a person wants to send again, and how. */
export interface ReplayRequest {
  eventSeqs?: number[]
  filter?: Filter
  to?: string
  allowRemote: boolean
  asTenant?: string
  keepSignature: boolean
  /** 0: none. Absent: none for loopback, 30 s else. */
  handlerTimeoutMs?: number
  /** An authority that is trusted beside the system's for https targets, as PEM. */
  caPem?: string
}

/** A replay that is about to be. */
export interface Replay {
  plan: ReplayPlan
  /** A part as a person would edit it, with its definition. */
  forEdit(part: ReplayPart): Promise<{ work: ForwardWork; definition: ProviderDefinition }>
  /** Sends what is planned, or the parts given, with another body where one is given. */
  send(
    options: { parts?: ReplayPart[]; body?: Buffer; signal: AbortSignal },
    onSent: (sent: SentPart[]) => Promise<void>,
  ): Promise<ReplayEnd>
  close(): Promise<void>
}

/** More than so many are written down by the thread, many in one transaction. */
const few = 20

/**
 * Finds what is to be sent again, before anything is.
 * @throws WhsError `no-tenant`, `no-event` (5), `never-verified`, `replay-parked` (2)
 */
export async function openReplay(app: App, request: ReplayRequest): Promise<Replay> {
  const { asTenant: name, allowRemote, keepSignature, handlerTimeoutMs, caPem, ...wish } = request
  const as = name === undefined ? undefined : await asTenantOf(app, await knownTenant(app, name))
  const plan = await planReplay(app.store(), { ...wish, ...(as ? { as: as.name } : {}) })
  const sender = openSender(caPem === undefined ? {} : { caPem })
  const how = { allowRemote, deliver: 'original' as const, handlerTimeoutMs }
  const deps = withAllOnce(await sendDeps(app, sender, how))
  return {
    plan,
    async forEdit(part) {
      const work = await readForEdit(deps, part, as)
      return { work, definition: app.definitionOf(work.provider) }
    },
    async send({ parts, body, signal }, onSent) {
      if (plan.count > few) await app.store().startWriter()
      const options: ReplayOptions = {
        signature: keepSignature ? 'original' : 'signed',
        signal,
        ...(as ? { as } : {}),
        ...(body ? { body } : {}),
      }
      return replayAll(deps, parts ? onePage(parts) : plan.pages(), options, onSent)
    },
    close: () => sender.close(),
  }
}

async function* onePage(parts: ReplayPart[]): AsyncGenerator<ReplayPart[]> {
  yield parts
}

/** Definitions are looked up and secrets opened once: a replay is one act, and its events may be many. */
function withAllOnce(deps: SendDeps): SendDeps {
  const opened = new Map<number, Promise<SigningKey[]>>()
  const definitions = new Map<string, ProviderDefinition>()
  return {
    ...deps,
    definitionOf(provider) {
      const definition = definitions.get(provider) ?? deps.definitionOf(provider)
      definitions.set(provider, definition)
      return definition
    },
    keysOf(app) {
      const keys = opened.get(app.id) ?? deps.keysOf(app)
      opened.set(app.id, keys)
      return keys
    },
  }
}

/** What a tenant has at each app; of several accounts of a kind the first, of several hooks the one that its account names. */
export async function asTenantOf(app: App, { name, accounts }: Tenant): Promise<AsTenant> {
  const hooks = (await app.store().read('listActivations', {})).filter(
    ({ tenant, state }) => tenant === name && state !== 'gone',
  )
  return {
    name,
    at(wanted) {
      const own = accounts.filter(one => one.app === wanted).reverse()
      const values = Object.fromEntries(own.map(({ kind, value }) => [kind, value]))
      const there = hooks.filter(one => one.app === wanted)
      const hook = there.find(({ kind, providerId }) => kind && providerId === values[kind]) ?? there[0]
      return { accounts: values, hook: hook ? { seq: hook.seq, providerId: hook.providerId } : null }
    },
  }
}
