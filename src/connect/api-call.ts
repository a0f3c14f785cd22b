import { type ComposedCall, composeCall, nextPage } from '../core/call.ts'
import type { Slots } from '../core/fill-text.ts'
import { holds } from '../core/holds.ts'
import { isSuccess } from '../core/retry.ts'
import { splitItems } from '../core/split.ts'
import { answerContext, type ItemContext } from '../core/value.ts'
import type { Call, Path, When } from '../core/value-definition.ts'
import type { CallAnswer } from '../net/call.ts'
import type { ConsentDeps } from './consent.ts'
import type { Filling } from './slots.ts'

/** One page of a provider's answer. */
export interface ApiPage {
  status: number
  /** What it was asked with. */
  slots: Slots
  /** Absent where it is no JSON. */
  context: ItemContext | undefined
  /** `busy`: the provider's own failure; `refused`: it says no, be it in a 2xx. */
  verdict: 'good' | 'refused' | 'busy'
  answer: CallAnswer
  /** It is the last that was asked for, and the provider has named a further one. */
  isCut: boolean
}

const maxPages = 100

/** Makes one request: `compose` fills it in, and again where other slots, such as a fresh token, are needed. */
export type Ask = (compose: (more: Slots) => ComposedCall) => Promise<CallAnswer>

/**
 * Makes a call of a definition, page after page, until one is not good. At most `most` pages are asked for.
 * @throws WhsError `unreachable`, `bad-page` (exit 10), those of `composeCall` and of `ask`
 */
export async function* callPages(
  deps: Pick<ConsentDeps, 'http' | 'randomBytes'>,
  call: Call,
  { hosts, slots }: Filling,
  ask: Ask = compose => deps.http(compose({})),
  most = maxPages,
): AsyncGenerator<ApiPage> {
  const uuid = uuidOf(deps.randomBytes(16))
  let next: ComposedCall | null = null
  for (let count = 1; ; count++) {
    const filled: Slots = { uuid, ...slots }
    const here: ComposedCall | null = next
    let composed: ComposedCall | undefined
    const answer = await ask(more => {
      const fresh = composeCall(call, { hosts, slots: Object.assign(filled, more) })
      composed = here ? { ...here, headers: fresh.headers } : fresh
      return composed
    })
    const page = pageOf(call, answer, filled)
    const follow = (): ComposedCall | null =>
      page.verdict === 'good' && composed ? nextPage(call, composed, answer) : null
    if (count === most) {
      yield { ...page, isCut: follow() !== null }
      return
    }
    yield { ...page, isCut: false }
    next = follow()
    if (!next) return
  }
}

function pageOf(call: Call, answer: CallAnswer, slots: Slots): Omit<ApiPage, 'isCut'> {
  const { status, body } = answer
  const context = answerContext(body)
  const page = { status, slots, context, answer }
  if (status >= 500 || status === 429) return { ...page, verdict: 'busy' }
  const failed = call.failedWhen !== undefined && context !== undefined && holds(context, call.failedWhen)
  return { ...page, verdict: isSuccess(status) && !failed ? 'good' : 'refused' }
}

/** The items of an answer's pages that count; without a path each page is one. */
export function itemsIn(pages: ItemContext[], { items, where }: { items?: Path; where?: When }): ItemContext[] {
  const all = pages.flatMap(page => {
    if (items === undefined) return [page]
    const found = splitItems(page.doc, [items]) ?? []
    return found.filter(({ whole }) => whole).map(item => ({ ...page, item }))
  })
  return where === undefined ? all : all.filter(item => holds(item, where))
}

/** A UUID of random bytes (RFC 9562, version 4). */
export function uuidOf(random: Uint8Array): string {
  const bytes = Buffer.from(random)
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** A call as it is named to people: method and path, without host and query. */
export function callName({ method, url }: Call): string {
  return `${method} ${url.replace(/^\{\w+\}/, '').replace(/\?.*$/, '')}`
}
