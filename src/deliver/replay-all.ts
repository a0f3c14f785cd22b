import { setMaxListeners } from 'node:events'
import { type ReplayOptions, type SentPart, sendReplay } from './replay.ts'
import type { ReplayPart } from './replay-plan.ts'
import type { SendDeps } from './send-part.ts'

/** How sending many ended. */
export interface ReplayEnd {
  /** Why nobody is there; nothing was sent any more after that. */
  nobody: string | null
}

const atOnce = 64
/** Parts that are read ahead of what was answered and told. */
const ahead = 512

/**
 * Sends parts at once, up to 64 together; of one tenant to one target the next leaves when the one before was answered.
 * `onSent` is told of each when it is written down. Ends early where a target is not there, or by the signal.
 * @throws what sending a part, writing it down or `onSent` throws
 */
export async function replayAll(
  deps: SendDeps,
  parts: AsyncIterable<ReplayPart>,
  options: ReplayOptions,
  onSent: (part: ReplayPart, sent: SentPart) => Promise<void>,
): Promise<ReplayEnd> {
  // Every request on its way listens to it.
  if (options.signal) setMaxListeners(2 * atOnce, options.signal)
  const lanes = new Map<string, Promise<void>>()
  const slots = makeSlots(atOnce)
  const room = makeSlots(ahead)
  let nobody: string | null = null
  let failure: unknown
  let isFailed = false
  const isOver = (): boolean => nobody !== null || isFailed || options.signal?.aborted === true
  const fail = (error: unknown): void => {
    if (!isFailed) failure = error
    isFailed = true
  }

  async function sendOne(part: ReplayPart): Promise<void> {
    await slots.enter()
    try {
      if (isOver()) return room.leave()
      const sending = await sendReplay(deps, part, options)
      nobody ??= sending.nobody
      void sending.recorded
        .then(sent => onSent(part, sent))
        .catch(fail)
        .finally(() => room.leave())
    } catch (error) {
      fail(error)
      room.leave()
    } finally {
      slots.leave()
    }
  }

  for await (const part of parts) {
    await room.enter()
    if (isOver()) {
      room.leave()
      break
    }
    const lane = `${part.tenantId} ${part.target}`
    const sent = (lanes.get(lane) ?? Promise.resolve()).then(() => sendOne(part))
    lanes.set(lane, sent)
    void sent.then(() => lanes.get(lane) === sent && lanes.delete(lane))
  }
  await room.empty()
  if (isFailed) throw failure
  return { nobody }
}

interface Slots {
  /** Resolves when one is free, which is then taken. */
  enter(): Promise<void>
  leave(): void
  /** Resolves when none is taken. */
  empty(): Promise<void>
}

function makeSlots(most: number): Slots {
  let taken = 0
  const waiting: (() => void)[] = []
  let onEmpty: (() => void) | undefined
  return {
    async enter() {
      if (taken >= most) await new Promise<void>(resolve => waiting.push(resolve))
      else taken++
    },
    leave() {
      const next = waiting.shift()
      if (next) return next()
      taken--
      if (taken === 0) onEmpty?.()
    },
    async empty() {
      if (taken > 0) await new Promise<void>(resolve => (onEmpty = resolve))
    },
  }
}
