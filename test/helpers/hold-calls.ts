import { onTestFinished } from 'vitest'
import type { HookStep } from '../../src/connect/activation/activation-deps.ts'
import type { ActivationApi } from '../../src/core/activation-definition.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { Call } from '../../src/core/value-definition.ts'
import { makeHttpCall } from '../../src/net/call.ts'
import { openDoor, type Reply, type Route, type RouteRequest } from '../../src/net/door.ts'
import { matchCall } from '../../src/simulate/answers/match-call.ts'
import { placeOf } from '../../src/simulate/answers/match-url.ts'

/** What stands before a simulator and passes everything on, but for a call that it was told to hold. */
export interface CallHolder {
  base: string
  /**
   * Holds the next call of a step, or this very call, for ever: before the provider hears of it, or its answer. Resolves
   * once it is held.
   */
  hold(step: HookStep | Call, when: 'before' | 'after'): Promise<void>
  /** What is held goes on. */
  letGo(): void
}

const methods: Route['method'][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

export async function holdCalls(definition: ProviderDefinition, target: string): Promise<CallHolder> {
  const api = definition.activation.api as ActivationApi
  const http = makeHttpCall({})
  const never: ((goesOn: boolean) => void)[] = []
  let held: { call: Call; when: 'before' | 'after'; isHeld: () => void } | undefined

  async function handle(request: RouteRequest): Promise<Reply> {
    const hold = held && isStep(definition, held.call, request) ? held : undefined
    if (hold) held = undefined
    if (hold?.when === 'before' && !(await holdOn(hold))) return { status: 503 }
    const { host: _host, connection: _, 'content-length': __, ...headers } = request.headers
    const body = request.body.length > 0 ? { body: request.body } : {}
    const answer = await http({ method: request.method, url: target + request.url, headers, ...body })
    if (hold?.when === 'after' && !(await holdOn(hold))) return { status: 503 }
    const { 'content-length': ___, 'transfer-encoding': ____, connection: _____, ...passed } = answer.headers
    return { status: answer.status, headers: passed, body: answer.body }
  }

  /** Whether it goes on. */
  function holdOn({ isHeld }: { isHeld(): void }): Promise<boolean> {
    isHeld()
    return new Promise(resolve => never.push(resolve))
  }

  const door = await openDoor({ port: 0, routes: methods.map(method => ({ method, path: '/*rest', handle })) })
  onTestFinished(async () => {
    for (const end of never) end(false)
    await door.close()
  })
  return {
    base: `http://127.0.0.1:${door.port}`,
    hold: (step, when) =>
      new Promise(resolve => {
        held = { call: typeof step === 'string' ? callOf(api, step) : step, when, isHeld: resolve }
      }),
    letGo() {
      for (const goOn of never.splice(0)) goOn(true)
    },
  }
}

function callOf({ list, create, renew, move, remove }: ActivationApi, step: HookStep): Call {
  const renewal = typeof renew === 'object' ? renew.call : create
  const called = { list: list?.call, create, renew: renewal, move: typeof move === 'object' ? move : create, remove }
  const call = called[step as keyof typeof called]
  if (!call) throw new Error(`there is no call to ${step}`)
  return call
}

function isStep(definition: ProviderDefinition, call: Call, request: RouteRequest): boolean {
  const [, provider = '', role = ''] = request.path.split('/')
  const place = placeOf(definition, { ...request, params: { provider, role } })
  return place !== undefined && matchCall(call, place, request) !== undefined
}
