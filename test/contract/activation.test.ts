import { Buffer } from 'node:buffer'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ActivationApi, Listing, Moment } from '../../src/core/activation-definition.ts'
import { composeCall } from '../../src/core/call.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { fillText, type Slots, slotsOf } from '../../src/core/fill-text.ts'
import { holds } from '../../src/core/holds.ts'
import { splitItems } from '../../src/core/split.ts'
import { answerContext, type ItemContext, readValue } from '../../src/core/value.ts'
import type { Call, Value } from '../../src/core/value-definition.ts'
import { exampleText } from '../../src/simulate/example-text.ts'
import type { AccountFixture } from '../../src/simulate/fixtures.ts'
import { fixtureDir, readJson, testedProviders } from '../helpers/fixtures.ts'

const callback = 'https://hooks.example.com/hooks/app/k3y'
const withApi = testedProviders.flatMap(definition => {
  const { api }: ProviderDefinition['activation'] = definition.activation
  return api ? [[definition.id, definition, api] as const] : []
})
