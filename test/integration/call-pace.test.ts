import { expect, test } from 'vitest'
import { openRefreshWorld } from '../helpers/refresh-world.ts'

const hour = 3_600_000

test('later is waited for as long as the provider says, and not for ever', async () => {
  const { call, provider } = await openRefreshWorld({ leftMs: hour })
  provider.mood.apiAnswers.push({ status: 429, headers: { 'retry-after': '1' } })
  const before = performance.now()
  expect(await call()).toEqual([200])
  expect(performance.now() - before).toBeGreaterThan(990)
  provider.mood.apiAnswers.push({ status: 429, headers: { 'retry-after': '3600' } })
  expect(await call()).toEqual([429])
})

test('a connection asks no faster than its provider allows', async () => {
  const api = { limits: { calls: 2, seconds: 1, concurrent: 1 } }
  const { call } = await openRefreshWorld({ leftMs: hour, api })
  const before = performance.now()
  expect(await Promise.all([call(), call(), call(), call()])).toEqual([[200], [200], [200], [200]])
  const ms = performance.now() - before
  expect(ms).toBeGreaterThan(990)
  expect(ms).toBeLessThan(10_000)
})
