import { expect, test } from 'vitest'
import { definitionFaults } from '../../src/core/validate-definition.ts'
import { template } from '../../src/providers/_template.ts'

test('the template is a whole definition, so that a copy of it begins without faults', () => {
  expect(definitionFaults(template)).toEqual([])
})
