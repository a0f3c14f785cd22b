import { expect, test } from 'vitest'
import { diagnose } from '../../src/core/diagnose.ts'
import { verifyDelivery } from '../../src/core/verify.ts'
import { providers } from '../../src/providers/index.ts'
import { bodyDamages } from '../helpers/body-damages.ts'
import { keyringOf, suspectApp } from '../helpers/damage.ts'
import { sampleFixtures } from '../helpers/fixtures.ts'
import { signedDelivery } from '../helpers/provider-deliveries.ts'
import { secretDamages, tokenDamages, wrongSecret } from '../helpers/secret-damages.ts'
import { otherDamages, urlDamages, writtenDamages } from '../helpers/signature-damages.ts'

const all = providers.map(definition => [definition.id, definition] as const)
const damages = [...bodyDamages, ...secretDamages, ...writtenDamages, ...urlDamages, ...otherDamages, ...tokenDamages]
const suffered = new Map<string, number>()

test.each(all)('%s: every damage is named, by a signature that was computed again', (id, definition) => {
  const samples = sampleFixtures(id)
  let made = 0
  for (const [index, damage] of damages.entries()) {
    const sample = samples[index % samples.length]
    const damaged = sample && damage.make(definition, sample)
    if (!damaged) continue
    const { suspicion, causes } = damaged
    const { request, app } = suspicion
    const verdict = verifyDelivery(definition, request, app.keyring)
    if (verdict.verified && !verdict.perItem) continue
    made++
    suffered.set(damage.name, (suffered.get(damage.name) ?? 0) + 1)
    const diagnosis = diagnose(suspicion)
    const named = diagnosis.findings.map(({ cause }) => cause)
    expect(
      named.some(cause => causes.includes(cause)),
      `${damage.name}: ${JSON.stringify(diagnosis)}`,
    ).toBe(true)
    expect(causes[0] === 'time-unit' && named.includes('time'), damage.name).toBe(false)
    const certain = causes[0] === 'truncated' ? 'seen' : 'proved'
    expect(
      diagnosis.findings.every(one => one.certainty === certain),
      damage.name,
    ).toBe(true)
    for (const { value } of app.secrets) expect(JSON.stringify(diagnosis)).not.toContain(value.trim())
  }
  expect(made).toBeGreaterThan(0)
})

test('every damage came upon some provider', () => {
  expect(damages.map(({ name }) => name).filter(name => !suffered.has(name))).toEqual([])
})

test.each(all)('%s: nothing is said to be found where nobody signed who is known', (id, definition) => {
  for (const sample of sampleFixtures(id).slice(0, 2)) {
    const right = keyringOf(definition)
    const request = signedDelivery(definition, sample, right)
    const keyring = { ...right, activation: null, keys: {}, secrets: right.secrets.map(wrongSecret) }
    const app = suspectApp(definition, keyring)
    const others = [suspectApp(definition, { ...keyring, secrets: [] }, 'theirs')]
    const { findings, tried } = diagnose({ request: { ...request, bytes: request.body.length }, app, others })
    expect(findings.filter(({ certainty }) => certainty === 'proved')).toEqual([])
    expect(tried[0]).toBe('the secrets of mine, theirs')
  }
})
