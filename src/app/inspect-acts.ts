import { Buffer } from 'node:buffer'
import { exits, WhsError } from '../core/errors.ts'
import { parseTarget } from '../core/rule.ts'
import { noTarget, type ReplayPart } from '../deliver/replay-plan.ts'
import type { ClaimAnswer, ClaimWish, ConnectAnswer, ConnectWish, ReplayAnswer, ReplayWish } from '../inspect/api.ts'
import type { StoredAttempt } from '../store/attempt-ops.ts'
import type { App } from './app.ts'
import { claimAccount } from './claim-account.ts'
import { connect } from './connect.ts'
import { consentDeps } from './consent-deps.ts'
import { editedBody } from './inspect-edit.ts'
import { attemptView } from './inspect-event.ts'
import { openReplay, type Replay } from './replay.ts'

/** How the process that serves the inspector sends, as it was started. */
export interface ActOptions {
  allowRemote: boolean
  handlerTimeoutMs?: number | undefined
  caPem?: string | undefined
  /** Of the public door that a consent opens where nobody listens. */
  port: number
  /** Ends what is under way. */
  signal: AbortSignal
  /** What is covered wherever it stands. */
  secrets(): Promise<string[]>
}

/** Sends an event again, as `whs replay` does; another body is one that a person edited. */
export async function replayEvent(
  app: App,
  { allowRemote, handlerTimeoutMs, caPem, signal, secrets: secretsNow }: ActOptions,
  seq: number,
  { tenant, body, to }: Omit<ReplayWish, 'id'>,
): Promise<ReplayAnswer> {
  if (tenant !== undefined && body !== undefined) throw editedAndAs()
  const replay = await openReplay(app, {
    eventSeqs: [seq],
    ...(to === undefined ? {} : { to: parseTarget(to, allowRemote) }),
    allowRemote,
    ...(tenant === undefined ? {} : { asTenant: tenant }),
    keepSignature: false,
    ...(handlerTimeoutMs === undefined ? {} : { handlerTimeoutMs }),
    ...(caPem === undefined ? {} : { caPem }),
  })
  try {
    const secrets = await secretsNow()
    const changed = body === undefined ? {} : await edited(replay, Buffer.from(body, 'base64'), secrets)
    const attempts: StoredAttempt[] = []
    await replay.send({ ...changed, signal }, async sent => {
      for (const one of sent) attempts.push(...one.attempts)
    })
    const [untaken] = replay.plan.passed.untaken
    if (attempts.length === 0 && untaken) throw await noTarget(app.store(), untaken)
    return { attempts: attempts.map(one => attemptView(app, one, secrets)) }
  } finally {
    await replay.close()
  }
}

/** The parts of one event with the body that a person made of it: the same for every target. */
async function edited(
  replay: Replay,
  typed: Buffer,
  secrets: string[],
): Promise<{ parts: ReplayPart[]; body?: Buffer }> {
  const parts: ReplayPart[] = []
  for await (const page of replay.plan.pages()) parts.push(...page)
  const [part] = parts
  if (!part) return { parts }
  const { work, definition } = await replay.forEdit(part)
  return { parts, body: editedBody(definition, work, typed, secrets) }
}

function editedAndAs(): WhsError {
  return new WhsError({
    code: 'edit-and-tenant',
    exit: exits.usage,
    what: 'an event is edited, or sent as another tenant’s, not both at once',
    why: 'what was edited has the first tenant’s account in it',
    next: 'whs replay <id> --edit --as-tenant <tenant>',
  })
}

/** Gives a parked account to a tenant, as `whs tenants map` does. */
export async function claimParked(app: App, { app: name, account, tenant }: ClaimWish): Promise<ClaimAnswer> {
  const kind = await app.store().read('parkedKind', { app: name, value: account })
  const typed = kind === null ? account : `${kind}:${account}`
  const { released } = await claimAccount(app, { app: name, account: typed, tenant, release: true, share: false })
  return { released: released.events }
}

const consentMs = 600_000

/**
 * Begins a consent, and answers with the address that the tenant's browser opens. It goes on by itself: through the door of
 * the listener, else through one that is open until it ends.
 * @throws WhsError where it cannot begin, such as one that needs a public address while nobody listens
 */
export function beginConnect(app: App, { port, signal }: ActOptions, wish: ConnectWish): Promise<ConnectAnswer> {
  return new Promise((resolve, reject) => {
    void app
      .findApp(wish.app)
      .then(stored =>
        connect(app, consentDeps(app), {
          app: stored,
          wish: {
            tenants: wish.tenant === null ? [] : [{ tenant: wish.tenant, account: null }],
            accounts: [],
            claim: null,
            release: true,
            each: false,
            activates: true,
            slots: wish.slots ?? {},
          },
          scopes: null,
          timeoutMs: consentMs,
          port,
          tunnel: () => Promise.reject(needsListener(stored.name)),
          signal,
          onLink: ({ url }) => resolve({ url }),
        }),
      )
      .catch(reject)
  })
}

function needsListener(app: string): WhsError {
  return new WhsError({
    code: 'no-listener',
    exit: exits.missing,
    what: 'nobody listens, so there is no public address to come back to',
    why: `${app} sends people back to a public https address only`,
    next: 'whs listen',
  })
}
