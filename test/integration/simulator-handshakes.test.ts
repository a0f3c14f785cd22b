import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { providers } from '../../src/providers/index.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import {
  type Arrived,
  type Handler,
  type HandlerAnswer,
  type Simulated,
  startHandler,
  startSimulated,
} from '../helpers/simulated.ts'
import { hookKey, type Judge, type ShownHook, verdictNow, verdictOf } from '../helpers/simulated-verdict.ts'

checkLeaks()

interface Tested {
  handshakes: { kind: string; status: number | null; ok: boolean }[]
}

let simulated: Simulated
let handler: Handler
let answer: (arrived: Arrived) => number | HandlerAnswer

beforeEach(async () => {
  answer = () => 200
  handler = await startHandler((_, arrived) => answer(arrived))
})
afterEach(async () => {
  await simulated.close()
  await handler.close()
})

/** An app and, where the provider has one a tenant, a hook at the handler; how the portal is asked to test its URL. */
async function open(definition: ProviderDefinition): Promise<{ judge: Judge; testUrl(): Promise<Tested> }> {
  simulated = await startSimulated({ definition })
  const app = await simulated.app({ callbackUrl: handler.url })
  const perApp = definition.activation.per === 'app'
  const keyed = definition.activation.keyed ? { key: hookKey } : {}
  const wish = { account: 'Acme Holdings', url: handler.url, ...keyed }
  const hook = perApp ? null : ((await simulated.json('POST', '/portal/hooks', wish)).body as ShownHook)
  return {
    judge: { definition, app, hook, callback: handler.url },
    async testUrl() {
      const asked = await simulated.json('POST', '/portal/handshakes', hook ? { hook: hook.id } : {})
      expect(asked.status).toBe(200)
      return asked.body
    },
  }
}

const tested = providers.filter(({ webhook }) => webhook.handshakes !== undefined)

describe.each(tested.map(definition => [definition.id, definition] as const))('%s', (_, definition) => {
  const handshakes = definition.webhook.handshakes ?? []

  test('what tests a URL is a handshake of the definition, and the answer that whs gives is the right one', async () => {
    const { judge, testUrl } = await open(definition)
    answer = arrived => {
      const found = verdictNow(judge, arrived)
      return found.outcome === 'handshake' ? found.answer : { status: 500 }
    }
    expect((await testUrl()).handshakes).toMatchObject(handshakes.map(({ kind }) => ({ kind, ok: true })))
    const found = await Promise.all(handler.arrived.map(arrived => verdictOf(judge, arrived)))
    expect(found).toMatchObject(handshakes.map(({ kind }) => ({ outcome: 'handshake', kind })))
  })

  test('another status is not', async () => {
    const { testUrl } = await open(definition)
    answer = () => 418
    expect((await testUrl()).handshakes).toMatchObject(handshakes.map(() => ({ status: 418, ok: false })))
  })
})

describe('an answer', () => {
  const [echoed] = tested.filter(({ webhook }) => webhook.handshakes?.every(({ reply }) => reply.text !== undefined))

  test('that does not send the text back is wrong, and the page says so', async () => {
    await open(echoed as ProviderDefinition)
    const body = new URLSearchParams({ test: 'on', clientId: 'default' })
    const url = `${simulated.base}/${echoed?.id}/act`
    expect(await (await fetch(url, { method: 'POST', body })).text()).toMatch(/ failed \(200\)/)
    await handler.close()
    expect(await (await fetch(url, { method: 'POST', body })).text()).toMatch(/ failed \(no answer\)/)
  })

  test.each([
    [{ hook: 'nothing' }, /there is no hook/],
    [{ clientId: 'nobody' }, /there is no URL/],
  ])('%j cannot be tested', async (wish, words) => {
    await open(echoed as ProviderDefinition)
    const { status, body } = await simulated.json('POST', '/portal/handshakes', wish)
    expect(status).toBe(400)
    expect((body as { error: string }).error).toMatch(words)
  })
})
