import { expect, test } from 'vitest'
import { deactivate, sweepTemporary } from '../../src/connect/activation/deactivate.ts'
import { openHookMaker } from '../helpers/hook-maker.ts'
import { checkLeaks } from '../helpers/leak-check.ts'

checkLeaks()

test('a hook is removed at the provider first; what could not be removed stays and is said', async () => {
  const { make, deps, provider, rows } = await openHookMaker()
  const { activation } = await make()
  if (!activation) throw new Error('it was not made')
  provider.mood.failures.push({ method: 'DELETE', answer: { status: 500 } })
  expect(await deactivate(deps, activation)).toMatchObject({ kind: 'failed', means: 'busy' })
  expect(await rows()).toHaveLength(1)
  expect(await deactivate(deps, activation)).toMatchObject({ kind: 'gone', why: null })
  expect([await rows(), provider.hooks]).toEqual([[], []])

  const again = (await make()).activation
  provider.hooks = []
  expect(again && (await deactivate(deps, again))).toMatchObject({
    kind: 'gone',
    why: 'Example Inc. did not have it any more',
  })
})

test('temporary hooks alone are swept, also one whose making a crash cut off', async () => {
  const { make, deps, provider, rows, store } = await openHookMaker()
  await make()
  await make({ resource: 'b-2', temporary: true })
  provider.mood.failures.push({ method: 'POST', answer: 'made, then cut' })
  await make({ resource: 'b-3', temporary: true })
  expect(provider.hooks).toHaveLength(3)
  expect((await sweepTemporary(deps)).map(({ kind, resource }) => [kind, resource])).toEqual([
    ['gone', 'b-2'],
    ['gone', 'b-3'],
  ])
  expect(provider.hooks.map(({ board }) => board)).toEqual(['b-1'])
  expect(await rows()).toHaveLength(1)
  expect(await store.read('temporaryHooks')).toEqual([])
})
