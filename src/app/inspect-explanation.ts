import { header, type RawHeaders } from '../core/headers.ts'
import { isSecretHeader } from '../core/redact.ts'
import { safeText } from '../core/text.ts'
import { valuePlace } from '../core/value-place.ts'
import type { Explanation } from '../inspect/api.ts'
import { accountWord } from '../inspect/rows.ts'
import type { StoredDeliveryRow, StoredEvent } from '../store/event-ops.ts'
import { isOwn } from '../store/own-delivery-ops.ts'
import type { StoredRejected } from '../store/rejected-ops.ts'
import type { App } from './app.ts'
import { type ExplainedEvent, explainDelivery, explainItem, proofText } from './explain.ts'
import { mappingText } from './explain-mapping.ts'
import { explainRejected } from './explain-rejected.ts'
import { explainSending } from './explain-sending.ts'

type Step = Explanation['steps'][number]

/** A longer body is not read once more while deliveries wait: what is stored of the event is told. */
export const longBody = 4 * 1_048_576

/** Why an event is whose it is and what became of it, sentence by sentence. Commands begin with `whs`. */
export async function eventExplanation(
  app: App,
  event: StoredEvent,
  delivery: StoredDeliveryRow,
): Promise<Explanation> {
  const proof = await explainDelivery(app, delivery)
  const isProved = event.verified !== 'none'
  const isSigned = isProved && proof.call === null
  const read = delivery.body.length > longBody ? null : await explainItem(app, event, delivery)
  const steps: Step[] = [
    ...(proof.call === null ? [answerStep(delivery)] : []),
    { about: 'verification', good: isProved, text: `${isSigned ? 'verified: ' : ''}${proofText(event, proof)}` },
    ...(proof.proof ? [{ about: 'verification' as const, good: true, text: proof.proof.how }] : []),
    ...(read ? readSteps(app, event, read) : storedSteps(app, event)),
    { about: 'mapping', good: event.scope !== 'parked', text: read?.mapping ?? (await mappingText(app, event)) },
    ...(read?.connection ? [{ about: 'mapping' as const, good: true, text: `connection ${read.connection}` }] : []),
    ...(await forwardSteps(app, event)),
  ]
  return { steps, ...valueOf(app, event, delivery) }
}

function readSteps(app: App, event: StoredEvent, read: ExplainedEvent): Step[] {
  const split: Step = { about: 'split', good: event.fault === null, text: `${read.split}; its shape is ${read.shape}` }
  return [split, ...faultSteps(event), ...tenantSteps(app, event, read)]
}

function storedSteps(app: App, event: StoredEvent): Step[] {
  const { id, pointer, shape, account, accountKind: kind, place, tenant, bound, fault } = event
  const more = `whs explain ${id} reads it again`
  const text = `its item stands at ${pointer || 'the top'}; its shape is ${shape ?? 'none'}. The body is long: ${more}`
  const tenants = tenant === null ? [] : [tenant]
  const accounts =
    account === null ? [] : [{ kind: kind ?? '', value: account, place: place ?? '', tenants, decided: true }]
  return [
    { about: 'split', good: fault === null, text },
    ...faultSteps(event),
    ...tenantSteps(app, event, { accounts, bound }),
  ]
}

function faultSteps({ fault }: StoredEvent): Step[] {
  return fault === null ? [] : [{ about: 'split', good: false, text: fault }]
}

function answerStep({ app, env, status, method, path, suffix }: StoredDeliveryRow | StoredRejected): Step {
  const text = `${method} ${safeText(path + suffix)} came to ${app} (${env}) and was answered ${status}`
  return { about: 'answer', good: status < 400, text }
}

function tenantSteps(
  app: App,
  event: StoredEvent,
  { accounts, bound }: Pick<ExplainedEvent, 'accounts' | 'bound'>,
): Step[] {
  const steps = accounts.map(({ kind, value, place, tenants, decided }): Step => {
    if (value === '') return { about: 'tenant', good: false, text: `no account: nothing stands at ${place}` }
    const word = accountWord(app.definitionOf, event.provider, kind)
    const whose = tenants.join(', ') || (decided ? event.tenant : null) || 'nobody'
    const where = place.startsWith('header:')
      ? `header ${place.slice('header:'.length)}, which the signature may not cover`
      : place
    const text = `${decided ? '' : 'it also names '}${word} ${value} at ${where} → ${whose}`
    return { about: 'tenant', good: whose !== 'nobody', text }
  })
  if (bound === null || isOwn(event.source)) return steps
  return [
    ...steps,
    { about: 'tenant', good: true, text: `the hook that it came by is ${bound}’s: nobody else can get it` },
  ]
}

async function forwardSteps(app: App, event: StoredEvent): Promise<Step[]> {
  const { forwards, none, untaken } = await explainSending(app, event)
  const repeat = event.repeatOf ? [{ about: 'forward' as const, good: true, text: `it repeats ${event.repeatOf}` }] : []
  if (none !== null) {
    const rules = untaken.map(
      ({ rule, why }): Step => ({ about: 'forward', good: false, text: `rule ${rule}: ${why}` }),
    )
    return [...repeat, { about: 'forward', good: event.repeatOf !== null, text: `sent nowhere: ${none}` }, ...rules]
  }
  const sent = forwards.map(({ target, rule, state, waits }): Step => {
    const by = rule === null ? '' : ` by rule ${rule}`
    const how =
      waits ?? { open: 'it is tried again', done: 'answered', failed: 'given up', final: 'refused for good' }[state]
    return { about: 'forward', good: state === 'done' || state === 'open', text: `${target || 'nowhere'}${by}: ${how}` }
  })
  return [...repeat, ...sent]
}

/** Where the value that decided stands: in the body, or in a header. */
function valueOf(
  app: App,
  { place, account, pointer, start, length, shape }: StoredEvent,
  { provider, source, headers: json, body }: StoredDeliveryRow,
): Pick<Explanation, 'value' | 'header'> {
  if (place === null || account === null) return { value: null, header: null }
  const headers = JSON.parse(json) as RawHeaders
  if (place.startsWith('header:')) {
    const name = place.slice('header:'.length)
    const text = header(headers, name) ?? account
    return { value: null, header: { name, text: isSecretHeader(name) ? account : text } }
  }
  const decoders = isOwn(source) ? ['json' as const] : app.definitionOf(provider).webhook.body
  // What stands in the event's own item is found in that alone.
  const isInItem = shape !== null && length < body.length && place.startsWith(`${pointer}/`)
  const item = isInItem ? body.subarray(start, start + length) : body
  if (item.length > longBody) return { value: null, header: null }
  const found = valuePlace(decoders, { headers, body: item }, isInItem ? place.slice(pointer.length) : place)
  const from = isInItem ? start : 0
  return { value: found && { from: found.from + from, to: found.to + from, path: place, text: account }, header: null }
}

/** Deliveries wait for this process meanwhile; a command of its own may try for longer. */
const mostHashed = 8 * 1_048_576

/** Why a request did not verify, and what to do. Commands begin with `whs`. */
export async function rejectedExplanation(app: App, rejected: StoredRejected): Promise<Explanation> {
  const { proof, against, diagnosis, next } = await explainRejected(app, rejected, mostHashed)
  const { findings, evidence, tried, complete } = diagnosis
  const outcome = complete ? 'none of it matches' : `nothing matched so far; whs explain ${rejected.id} tries more`
  const about = (text: string, good = false): Step => ({ about: 'diagnosis', good, text })
  const secrets = against.map(({ name, fingerprint }) => `${name} ${fingerprint}`)
  const steps: Step[] = [
    answerStep(rejected),
    { about: 'verification', good: false, text: `${rejected.reason}: ${rejected.detail}` },
    ...(proof ? [{ about: 'verification' as const, good: false, text: `wanted: ${proof.how}` }] : []),
    {
      about: 'verification',
      good: secrets.length > 0,
      text: secrets.length > 0 ? `secrets that count: ${secrets.join(', ')}` : 'no secret is stored',
    },
    ...findings.map(({ certainty, text }) => about(`${certainty === 'seen' ? 'seen' : 'found'}: ${text}`)),
    ...(evidence ? [about(`proof: ${evidence}`, true)] : []),
    ...(tried.length > 0 ? [about(`tried: ${tried.join(', ')}: ${outcome}`)] : []),
    ...(next ? [about(`next: ${next}`)] : []),
  ]
  return { steps, value: null, header: null }
}
