import { setTimeout as pause } from 'node:timers/promises'
import type * as Ngrok from '@ngrok/ngrok'
import { exits, WhsError } from '../core/errors.ts'
import { isFinal, missingAuthtoken, ngrokError } from './ngrok-errors.ts'
import type { Tunnel, TunnelChange, TunnelOptions } from './tunnel.ts'

type Sdk = Pick<typeof Ngrok, 'forward' | 'disconnect'>

/** One session of the SDK. `dialling` and `attempts` follow what it reports while it reconnects by itself. */
interface Link {
  listener?: Ngrok.Listener
  attempts: number
  dialling: boolean
}

interface Refusal {
  error: WhsError
  /** The session, where ngrok refused the endpoint alone. */
  stands?: Link
}

const openingLimit = 30_000
const closingLimit = 2_000
/** The SDK's first two attempts come at once and after 50 ms, the third after 2.5 s, the fourth after 125 s, the fifth after 104 minutes. */
const sdkAttempts = 2
/** After `connected` the SDK authenticates and binds without a word; a refusal shows as the start of its next attempt, so silence means success. */
const silence = [1_500, 4_000]
const ourDelays = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000]

let occupied = false

/**
 * Opens an ngrok endpoint for 127.0.0.1:<port> with the official SDK, and keeps it. One a process: the SDK has one session.
 *
 * An outage goes through three states. *Lost*: the SDK connects again by itself, which keeps even a random address,
 * since it shows the endpoint's token. *Ours*: after its second failure it would sleep for minutes and then hours
 * (an exponential delay without a bound), so its session is given up and a new one is tried here, at most 15 s apart; a
 * random address may change by that. *Up* again, or, where ngrok refuses for good, over: `onLostForGood`.
 *
 * Throws a WhsError: exit 3 without an authtoken, 2 for options that cannot work, 6 for what ngrok answers.
 */
export async function openNgrok(options: TunnelOptions): Promise<Tunnel> {
  const authtoken = options.authtoken
  if (!authtoken) throw missingAuthtoken()
  checkOptions(options)
  if (occupied) throw new Error('one ngrok tunnel a process')
  occupied = true
  try {
    return await keepOpen(await loadSdk(), { ...options, authtoken })
  } catch (error) {
    occupied = false
    throw error
  }
}

async function keepOpen(sdk: Sdk, options: TunnelOptions & { authtoken: string }): Promise<Tunnel> {
  const ending = new AbortController()
  let quiet: NodeJS.Timeout | undefined
  let outage: { since: number; why: string } | undefined
  let ours: Promise<void> | undefined
  let link: Link | undefined
  link = await open()
  let url = addressOf(link)

  async function open(): Promise<Link> {
    const dialled = dial()
    const over = new AbortController()
    const late = pause(openingLimit, 'late' as const, { signal: over.signal }).catch(() => 'late' as const)
    const result = await Promise.race([dialled, late])
    over.abort()
    if (result === 'late') {
      void dialled.then(() => hangUp(sdk))
      throw ngrokError(new Error('failed to establish tcp connection: no answer'), options.authtoken)
    }
    if (!('error' in result)) return result
    await hangUp(sdk)
    throw result.error
  }

  /**
   * Binds the endpoint: on the session that stands, or on a new one. The SDK cannot drop a connection before the process
   * ends, and agents are limited, so a session whose endpoint alone was refused is kept for the next try (`stands`).
   */
  async function dial(standing?: Link): Promise<Link | Refusal> {
    const made: Link = standing ?? { attempts: 0, dialling: false }
    try {
      made.listener = await sdk.forward({
        addr: `127.0.0.1:${options.port}`,
        // Without this the SDK tells ngrok this process's command line.
        forwards_to: `http://127.0.0.1:${options.port}`,
        authtoken: options.authtoken,
        force_new_session: standing === undefined,
        ...(options.domain && { domain: options.domain }),
        ...(options.serverAddr && { server_addr: options.serverAddr }),
        ...(options.caPem && { session_ca_cert: options.caPem }),
        // An exception inside the SDK's callback aborts the process, so nothing of ours runs there.
        onStatusChange: status => queueMicrotask(() => follow(made, status)),
      })
      return Object.assign(made, { attempts: 0, dialling: false })
    } catch (reported) {
      const error = ngrokError(reported, options.authtoken)
      if (/failed to start listener.*ERR_NGROK_/s.test(String(reported))) return { error, stands: made }
      await hangUp(sdk)
      return { error }
    }
  }

  /** `closed` opens an attempt and, while one is under way, says that it failed; `connected` says that TLS stands. */
  function follow(from: Link, status: string): void {
    if (from !== link || ending.signal.aborted || ours) return
    clearTimeout(quiet)
    if (status === 'connected') {
      from.dialling = false
      if (!outage) return
      const ms = performance.now() - outage.since
      quiet = setTimeout(() => settle(from, ms), silence[from.attempts - 1] ?? 0)
    } else if (from.dialling) {
      from.dialling = false
      if (from.attempts >= sdkAttempts) takeOver()
    } else {
      from.dialling = true
      from.attempts += 1
      reportLost('the connection to ngrok broke')
    }
  }

  /** An attempt after the second may be followed by minutes of silence although it was refused: then only a new session is sure. */
  function settle(from: Link, ms: number): void {
    if (from.attempts > sdkAttempts) return takeOver()
    from.attempts = 0
    reportUp(url, ms)
  }

  function takeOver(): void {
    ours = reconnect().finally(() => {
      ours = undefined
    })
  }

  async function reconnect(): Promise<void> {
    const answers = await link?.listener?.close().then(
      () => true,
      () => false,
    )
    if (!answers) await hangUp(sdk)
    let standing = answers ? link : undefined
    for (let attempt = 0; !ending.signal.aborted; attempt++) {
      const result = await dial(standing)
      if (ending.signal.aborted) return hangUp(sdk, 'error' in result ? undefined : result.listener)
      if (!('error' in result)) {
        link = result
        return reportUp(addressOf(result), performance.now() - (outage?.since ?? performance.now()))
      }
      if (isFinal(result.error)) return giveUp(result.error)
      standing = result.stands
      reportLost([result.error.message.replace(/\.$/, ''), result.error.why].filter(Boolean).join(': '))
      await pause(ourDelays[Math.min(attempt, ourDelays.length - 1)], undefined, { signal: ending.signal }).catch(
        () => {},
      )
    }
  }

  async function giveUp(error: WhsError): Promise<void> {
    ending.abort()
    await hangUp(sdk)
    occupied = false
    options.onLostForGood?.(error)
  }

  function reportLost(why: string): void {
    if (outage?.why === why) return
    // What is known about the reason is not forgotten again because the SDK starts another attempt.
    outage ??= { since: performance.now(), why }
    outage.why = why
    options.onChange({ state: 'lost', url, why })
  }

  function reportUp(now: string, ms: number): void {
    const was = url
    outage = undefined
    url = now
    const change: TunnelChange = now === was ? { state: 'up', url, ms } : { state: 'moved', url, was, ms }
    options.onChange({ ...change, ms: Math.round(ms) })
  }

  return {
    kind: 'ngrok',
    get url() {
      return url
    },
    async close() {
      if (ending.signal.aborted) return
      ending.abort()
      clearTimeout(quiet)
      await Promise.race([ours ?? hangUp(sdk, link?.listener), pause(closingLimit, undefined, { ref: false })])
      occupied = false
    },
  }
}

/** Ends a session and keeps the SDK from reviving it. A connection that is gone cannot be told, which is no fault. */
async function hangUp(sdk: Sdk, listener?: Ngrok.Listener): Promise<void> {
  await listener?.close().catch(() => {})
  await sdk.disconnect().catch(() => {})
}

async function loadSdk(): Promise<Sdk> {
  try {
    return (await import('@ngrok/ngrok')).default
  } catch (cause) {
    throw new WhsError({
      code: 'ngrok-unavailable',
      exit: exits.tunnel,
      what: "ngrok's SDK does not load on this machine.",
      why: `there is no build of it for ${process.platform} ${process.arch}, or npm left out optional packages`,
      next: 'npm install --include=optional, or bring a URL of your own: whs listen --tunnel https://…',
      cause,
    })
  }
}

function addressOf(link: Link): string {
  return new URL(link.listener?.url() ?? '').origin
}

function checkOptions(options: TunnelOptions): void {
  if (options.domain && !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(options.domain)) {
    throw badOption('domain', '--domain takes a host name alone', 'whs listen --domain acme.ngrok.app')
  }
  if (options.serverAddr && !/^[\w.-]+(:\d{1,5})?$/.test(options.serverAddr)) {
    throw badOption('server', 'WHS_NGROK_SERVER_ADDR takes host:port', 'WHS_NGROK_SERVER_ADDR=connect.example.com:443')
  }
  if (options.caPem && !options.caPem.includes('-----BEGIN CERTIFICATE-----')) {
    throw badOption('ca', 'the file of WHS_NGROK_CA holds no PEM certificate', 'WHS_NGROK_CA=<pem file>')
  }
}

function badOption(name: string, why: string, next: string): WhsError {
  return new WhsError({ code: `ngrok-${name}`, exit: exits.usage, what: 'The tunnel cannot be opened.', why, next })
}
