import type { ProviderDefinition } from '../core/definition.ts'
import { diagnose } from '../core/diagnose.ts'
import type { Cause, Diagnosis } from '../core/diagnosis.ts'
import { headerCount, type RawHeaders } from '../core/headers.ts'
import { secretKey, signingSecrets } from '../core/scheme-text.ts'
import { shellWord } from '../core/shell-word.ts'
import { isSigning } from '../core/sign.ts'
import type { StoredRejected } from '../store/rejected-ops.ts'
import type { App } from './app.ts'
import { callbackFault } from './app-settings.ts'
import { type ProofFacts, proofFacts } from './proof-facts.ts'
import { type SuspectRequest, suspicionOf } from './suspicion.ts'

/** Why a request did not verify, with what was computed for that. */
export interface ExplainedRejected {
  /** What its signature would have had to be made over. */
  proof: ProofFacts | null
  /** The secrets that count for it: name, fingerprint, whose. Never their values. */
  against: { name: string; fingerprint: string; hook: string | null }[]
  diagnosis: Diagnosis
  /** What to do; commands begin with `whs`. */
  next: string | null
}

const nothing: Diagnosis = { findings: [], evidence: null, tried: [], complete: false }

/**
 * Explains a request that did not verify, hashing so many bytes for that at most. Null fields where its app cannot be read
 * any more.
 */
export async function explainRejected(
  app: App,
  rejected: StoredRejected,
  mostHashed?: number,
): Promise<ExplainedRejected> {
  const headers = JSON.parse(rejected.headers) as RawHeaders
  return explainRequest(app, { ...rejected, headers }, mostHashed)
}

/** The same of any request to a callback URL of an app that is set up here. */
export async function explainRequest(
  app: App,
  request: SuspectRequest,
  mostHashed?: number,
): Promise<ExplainedRejected> {
  const suspicion = await suspicionOf(app, request)
  if (!suspicion) return { proof: null, against: [], diagnosis: nothing, next: 'whs doctor' }
  const { definition, keyring, env } = suspicion.app
  const diagnosis = diagnose(suspicion, mostHashed)
  const [url = null] = keyring.urls
  const scheme = decidingScheme(definition, request.headers)
  const proof = proofFacts(definition, scheme, { ...request, url: url === null ? null : url + request.suffix })
  const stored = await app.store().read('findApp', { name: request.app })
  const keys = stored ? await app.keysOf(stored) : []
  const counting = signingSecrets(definition)
  const valid = keys.filter(({ name }) => counting.includes(name))
  const against = valid.map(({ name, fingerprint, activation }) => ({
    name,
    fingerprint,
    hook: activation ? (activation.tenant ?? request.app) : null,
  }))
  const next = nextStep({ ...request, env }, diagnosis, definition)
  return { proof, against, diagnosis, next }
}

/** The first scheme whose signature came, else the first. */
function decidingScheme({ webhook }: ProviderDefinition, headers: RawHeaders): number {
  const came = webhook.verify.findIndex(
    one => isSigning(one) && one.header.names.some(name => headerCount(headers, name.replace('{n}', '1')) > 0),
  )
  return Math.max(0, came)
}

const ofTheBody: Cause[] = [
  'line-ends',
  'trailing-newline',
  'byte-order-mark',
  'blanks-around',
  'json-layout',
  'json-escapes',
  'form-escapes',
  'compression',
  'transfer-encoding',
  'text-encoding',
]
const ofTheSecret: Cause[] = ['other-secret', 'old-secret', 'secret-text', 'secret-form']
const ofTheSender: Cause[] = [
  'encoding',
  'prefix',
  'quoted',
  'other-header',
  'doubled-header',
  'other-hash',
  'body-alone',
  'time-unit',
  'malformed',
]

function nextStep(
  { app, env, suffix }: SuspectRequest & { env: string },
  { findings }: Diagnosis,
  { id, portal, webhook }: ProviderDefinition,
): string | null {
  const has = (causes: Cause[]): boolean => findings.some(({ cause }) => causes.includes(cause))
  const key = webhook.verify.map(secretKey).find(one => one !== undefined) ?? { secret: 'webhook', of: 'app' }
  if (has(['verifies-now']))
    return 'it is taken in with the next secret that is stored, or when the provider sends it again'
  if (has(['other-app']))
    return `each app has its own ${portal.callbackUrl.label}: whs status shows which belongs where`
  if (has(['other-hook']) || (has(ofTheSecret) && key.of === 'activation')) return 'whs activations'
  if (has(ofTheSecret)) return `whs app set ${app} --secret ${key.secret}=-`
  const signed = findings.find(({ url }) => url !== undefined)?.url
  if (signed !== undefined) {
    const correct = `correct the ${portal.callbackUrl.label} in the portal`
    const base = callbackOf(signed, suffix)
    return base === null
      ? `${correct}: whs status shows the right one`
      : `whs app set ${app} --set callback=${shellWord(base)}   (or ${correct})`
  }
  if (has(ofTheBody))
    return 'whatever stands before whs (proxy, gateway, middleware) must pass the bytes on as they come'
  if (has(['time'])) return 'let the provider send it anew; whs doctor compares this machine’s clock'
  if (has(ofTheSender)) return `whoever sends it does not sign as the provider does: whs providers show ${id}`
  if (has(['no-secret'])) return `whs setup ${app}${env === 'production' ? '' : ` --env ${env}`}`
  if (has(['missing']))
    return `whoever sends it does not sign it, or what stands before whs drops the header: whs providers show ${id}`
  if (findings.length > 0) return null
  return key.of === 'activation'
    ? 'whs activations'
    : `copy the secret from the portal again: whs app set ${app} --secret ${key.secret}=-`
}

/** The callback URL that would have made what was signed, with the path behind it; null where no setting can say that. */
function callbackOf(signed: string, suffix: string): string | null {
  if (!signed.endsWith(suffix)) return null
  const base = signed.slice(0, signed.length - suffix.length)
  return base.endsWith('/') || callbackFault(base) !== undefined ? null : base
}
