import { expect, test } from 'vitest'
import { consentQuestions } from '../../../src/cli/consent-questions.ts'
import { testIo } from '../../helpers/test-io.ts'

const taken = { app: 'qbo', account: { kind: 'realm', value: '1', name: 'Acme' }, taken: 'acme' }

test('what else reads the terminal ends before a question that comes once the browser is back', async () => {
  let isOver = false
  const io = testIo({ tty: true, answers: [[/Which tenant is it/, 'acme-eu']] })
  const { askTenant } = consentQuestions(io, true, () => {
    isOver = true
  })
  const answer = askTenant?.(taken)
  expect(isOver).toBe(true)
  expect(await answer).toBe('acme-eu')
})

test('a terminal that waits for a pasted address asks nothing later, and a pipe nothing at all', () => {
  expect(Object.keys(consentQuestions(testIo({ tty: true }), false))).toEqual(['askSlots'])
  expect(consentQuestions(testIo({}), true)).toEqual({})
})
