import { Buffer } from 'node:buffer'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { openDeliveries } from '../../src/simulate/deliveries.ts'
import { matchUrl } from '../../src/simulate/match-url.ts'

describe('the schedule of tries', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test.each([1, 1000])('is the definition’s divided by %i, and its last pause repeats', async timeScale => {
    const tries: number[] = []
    const httpCall = async () => {
      tries.push(Date.now())
      return { status: 500, headers: {}, body: Buffer.alloc(0) }
    }
    const deliveries = openDeliveries({ definition: quickbooks, timeScale, now: Date.now, httpCall })
    const outgoing = { clientId: 'a', headers: [], body: Buffer.from('x'), events: [], shape: 'any', forged: false }
    const sent = await deliveries.send({ ...outgoing, url: () => 'http://127.0.0.1:1/' })
    await vi.advanceTimersByTimeAsync(200_000_000 / timeScale)
    const pauses = tries.slice(1).map((at, index) => ((at - (tries[index] as number)) * timeScale) / 1000)
    expect(pauses.slice(0, 10)).toEqual([...quickbooks.webhook.retries, 21600, 21600])
    expect(sent).toMatchObject({ tried: tries.length })
    expect(sent.tries.length).toBeLessThanOrEqual(20)
    deliveries.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a URL template as a pattern', () => {
  const at = (path: string, query = '') =>
    matchUrl(
      '{api}/v3/company/{account}/companyinfo/{account}?minorversion=75&x={since}',
      'api',
      path,
      new URLSearchParams(query),
    )

  test('slots are decoded, and one that comes twice must be the same', () => {
    expect(at('/v3/company/a%2Fb/companyinfo/a%2Fb', 'x=1%2B1')).toEqual({ account: 'a/b', since: '1+1' })
    expect(at('/v3/company/1/companyinfo/2')).toBeUndefined()
    expect(at('/v3/company/1/companyinfo/1')).toEqual({ account: '1', since: '' })
  })

  test('other paths, roles and broken escapes are none', () => {
    for (const path of [
      '/v3/company/1/companyinfo/1/',
      '/v3/company//companyinfo/',
      'x/v3/company/1/companyinfo/1',
      '/v3/company/%ff/companyinfo/%ff',
    ]) {
      expect(at(path)).toBeUndefined()
    }
    expect(matchUrl('{api}/a.b', 'api', '/axb', new URLSearchParams())).toBeUndefined()
    expect(matchUrl('{api}/a.b', 'token', '/a.b', new URLSearchParams())).toBeUndefined()
    expect(matchUrl('{api}/a.b', 'api', '/a.b', new URLSearchParams())).toEqual({})
  })
})
