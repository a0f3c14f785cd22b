import type { Buffer } from 'node:buffer'
import { setMaxListeners } from 'node:events'
import type { ForwardWork } from '../store/forward-ops.ts'
import { type ReplayOptions, readWorks, recordSent, type SentPart, sendReplay, type Unrecorded } from './replay.ts'
import type { ReplayPart } from './replay-plan.ts'
import type { SendDeps } from './send-part.ts'

/** How sending many ended. */
export interface ReplayEnd {
  /** Why nobody is there; nothing was sent any more after that. */
  nobody: string | null
}

const atOnce = 64
/** Parts that are read ahead of what was told, and how many bytes of bodies. */
const ahead = 512
const aheadBytes = 64 * 1_048_576
/** Parts that are read by one query. */
const together = 128

/** What goes to one target for one tenant: the next leaves when the one before was answered. */
interface Lane {
  waiting: { part: ReplayPart; arrived: ForwardWork }[]
  isBusy: boolean
}

/**
 * Sends pages of parts at once, up to 64 together; of one tenant to one target the next leaves when the one before was
 * answered. `onSent` is told of parts when they are written down, of all that gathered meanwhile at once. Ends early where
 * a target is not there, or by the signal.
 * @throws what sending a part, writing it down or `onSent` throws
 */
export async function replayAll(
  deps: SendDeps,
  pages: AsyncIterable<ReplayPart[]>,
  options: ReplayOptions,
  onSent: (sent: SentPart[]) => Promise<void>,
): Promise<ReplayEnd> {
  // Every request on its way listens to it.
  if (options.signal) setMaxListeners(2 * atOnce, options.signal)
  const lanes = new Map<string, Lane>()
  const ready: Lane[] = []
  let unrecorded: Unrecorded[] = []
  let isRecording = false
  let inFlight = 0
  /** Parts that were read and not told yet. */
  let open = 0
  let openBytes = 0
  let nobody: string | null = null
  let failure: { error: unknown } | null = null
  let wake: (() => void) | undefined
  const isOver = (): boolean => nobody !== null || failure !== null || options.signal?.aborted === true
  const fail = (error: unknown): void => {
    failure ??= { error }
  }
  /** Resolves when something has moved on. */
  const moved = (): Promise<void> => new Promise(resolve => (wake = resolve))

  function add(part: ReplayPart, arrived: ForwardWork): void {
    const key = `${part.tenantId} ${part.target}`
    const lane = lanes.get(key) ?? { waiting: [], isBusy: false }
    lanes.set(key, lane)
    lane.waiting.push({ part, arrived })
    open++
    openBytes += arrived.body.length
    if (!lane.isBusy && lane.waiting.length === 1) ready.push(lane)
  }

  function pump(): void {
    while (inFlight < atOnce && !isOver()) {
      const lane = ready.shift()
      if (!lane) return
      void sendNext(lane)
    }
  }

  async function sendNext(lane: Lane): Promise<void> {
    const next = lane.waiting.shift() as Lane['waiting'][number]
    lane.isBusy = true
    inFlight++
    try {
      const sent = await sendReplay(deps, next, options)
      nobody ??= sent.nobody
      unrecorded.push(sent)
    } catch (error) {
      fail(error)
      close(next.arrived.body)
    }
    inFlight--
    lane.isBusy = false
    if (lane.waiting.length > 0) ready.push(lane)
    pump()
    if (!isRecording) void record()
    wake?.()
  }

  function close(body: Buffer): void {
    open--
    openBytes -= body.length
  }

  /** What was answered while the writer was busy is its next group. */
  async function record(): Promise<void> {
    isRecording = true
    while (unrecorded.length > 0 && failure === null) {
      const group = unrecorded
      unrecorded = []
      await recordSent(deps.store, group).then(onSent).catch(fail)
      for (const { arrived } of group) close(arrived)
      wake?.()
    }
    isRecording = false
  }

  const isIdle = (): boolean => inFlight === 0 && !isRecording
  try {
    for await (const page of pages) {
      for (let at = 0; at < page.length && !isOver(); ) {
        while ((open >= ahead || openBytes >= aheadBytes) && !isOver()) await moved()
        const parts = page.slice(at, at + together)
        const works = await readWorks(deps.store, parts)
        for (const [index, arrived] of works.entries()) add(parts[index] as ReplayPart, arrived)
        at += works.length
        pump()
      }
      if (isOver()) break
    }
  } catch (error) {
    fail(error)
  }
  while (!isIdle() || (open > 0 && !isOver())) await moved()
  if (failure) throw (failure as { error: unknown }).error
  return { nobody }
}
