import { expect, test } from 'vitest'
import { againCommand } from '../../../src/connect/again-command.ts'
import { anyWish } from '../../helpers/consent-world.ts'

test('the command that tries a consent once more says all that was wished', () => {
  const wish = {
    ...anyWish,
    tenants: [
      { tenant: 'acme', account: null },
      { tenant: 'globex', account: '5678' },
    ],
    accounts: ['1234'],
    each: true,
    slots: { shop: 'acme' },
  }
  expect(againCommand({ app: 'qbo', wish })).toBe(
    'whs connect qbo --tenant acme --tenant globex=5678 --account 1234 --each --set shop=acme',
  )
  expect(againCommand({ app: 'qbo', wish: anyWish })).toBe('whs connect qbo')
})
