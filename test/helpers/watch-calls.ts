import { onTestFinished } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { Call } from '../../src/core/value-definition.ts'
import { makeHttpCall } from '../../src/net/call.ts'
import { openDoor, type Reply, type Route, type RouteRequest } from '../../src/net/door.ts'
import { matchCall } from '../../src/simulate/answers/match-call.ts'
import { placeOf } from '../../src/simulate/answers/match-url.ts'

/** A call that came by, with what its URL was filled with. */
export interface SeenCall {
  at: number
  slots: Record<string, string>
}

/** What stands before a simulator: it passes everything on, counts some calls, and answers them in its place where told to. */
export interface CallWatch {
  base: string
  seen: SeenCall[]
  /** How many of them wait for their answer, and the most that did at a time. */
  open: number
  most: number
  /** Answers a call in the place of the provider; undefined passes it on. */
  answer?: (call: SeenCall, number: number) => Promise<Reply | undefined> | Reply | undefined
}

const methods: Route['method'][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

export async function watchCalls(definition: ProviderDefinition, target: string, calls: Call[]): Promise<CallWatch> {
  const http = makeHttpCall({})
  const watch: CallWatch = { base: '', seen: [], open: 0, most: 0 }

  async function handle(request: RouteRequest): Promise<Reply> {
    const slots = slotsOf(request)
    if (!slots) return passOn(request)
    const call = { at: Date.now(), slots }
    watch.seen.push(call)
    watch.open++
    watch.most = Math.max(watch.most, watch.open)
    try {
      return (await watch.answer?.(call, watch.seen.length)) ?? (await passOn(request))
    } finally {
      watch.open--
    }
  }

  function slotsOf(request: RouteRequest): Record<string, string> | undefined {
    const [, provider = '', role = ''] = request.path.split('/')
    const place = placeOf(definition, { ...request, params: { provider, role } })
    if (!place) return undefined
    return calls.map(call => matchCall(call, place, request)?.slots).find(slots => slots !== undefined)
  }

  async function passOn(request: RouteRequest): Promise<Reply> {
    const { host: _host, connection: _, 'content-length': __, ...headers } = request.headers
    const body = request.body.length > 0 ? { body: request.body } : {}
    const answer = await http({ method: request.method, url: target + request.url, headers, ...body })
    const { 'content-length': ___, 'transfer-encoding': ____, connection: _____, ...passed } = answer.headers
    return { status: answer.status, headers: passed, body: answer.body }
  }

  const door = await openDoor({ port: 0, routes: methods.map(method => ({ method, path: '/*rest', handle })) })
  onTestFinished(() => door.close())
  watch.base = `http://127.0.0.1:${door.port}`
  return watch
}

/** Something that is waited for until it is let go. */
export function gate(): { opened: Promise<void>; open(): void } {
  let open = (): void => undefined
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  onTestFinished(() => open())
  return { opened, open }
}
