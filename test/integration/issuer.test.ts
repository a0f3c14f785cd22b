import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openSimulator } from '../../src/app/demo.ts'
import { departAtTerminal, finishPasted } from '../../src/connect/finish-pasted.ts'
import type { ConsentOutcome } from '../../src/store/consent-ops.ts'
import { consent, openCliWorld } from '../helpers/cli-world.ts'
import {
  type ConsentWorld,
  connectionOf,
  failureOf,
  named,
  openConsentWorld,
  variantOf,
} from '../helpers/consent-world.ts'
import { appHere } from '../helpers/listener-here.ts'
import { myCrm } from '../helpers/my-crm.ts'
import { queryFile } from '../helpers/temp-home.ts'

async function opened(options: Parameters<typeof openConsentWorld>[0] = {}): Promise<ConsentWorld> {
  const world = await openConsentWorld(options)
  onTestFinished(() => world.close())
  return world
}

test('an answer of another issuer is refused before its code goes anywhere', async () => {
  const world = await opened()
  world.provider.dialect.issuer = 'https://evil.test/<i>'
  const { page, outcome } = await world.connect(named('acme'))
  expect(failureOf(outcome)).toMatchObject({
    code: 'callback-forged',
    exit: 4,
    why: 'it was answered by https://evil.test/<i>',
  })
  expect(page.text).toContain('This could not be proved')
  expect(page.text).not.toContain('<i>')
  expect(world.exchanges()).toBe(0)
})

test('a refusal of another issuer is not told as the person’s', async () => {
  const world = await opened()
  world.provider.mood.refuses = true
  world.provider.dialect.issuer = 'https://evil.test'
  expect(failureOf((await world.connect()).outcome).code).toBe('callback-forged')
})

test('nor does a pasted address count that another issuer made', async () => {
  const world = await opened()
  world.provider.dialect.issuer = 'https://evil.test'
  const { link } = await world.makeLink(named('acme'))
  const url = (await departAtTerminal(world.deps, link)) as string
  const back = (await fetch(url, { redirect: 'manual' })).headers.get('location') as string
  const outcome: ConsentOutcome = await finishPasted(world.deps, link, back)
  expect([failureOf(outcome).code, world.exchanges()]).toEqual(['callback-forged', 0])
})

test('the provider’s own is taken, and needed where the definition states it', async () => {
  const world = await opened({ definition: variantOf({ oauth: { issuer: '{token}/' } }) })
  world.provider.dialect.issuer = `${world.provider.origin}/`
  expect(connectionOf((await world.connect(named('acme'))).outcome).tenants).toEqual(['acme'])
  world.provider.dialect.issuer = undefined
  expect(failureOf((await world.connect()).outcome)).toMatchObject({ why: 'it has no iss, which says who answered' })
})

test('a definition states it as data, and the simulator sends it', async () => {
  const { home, whs } = await openCliWorld([])
  const file = join(home, 'my-crm.json')
  writeFileSync(file, JSON.stringify({ ...myCrm, oauth: { ...myCrm.oauth, issuer: '{nowhere}/' } }))
  expect((await whs(`providers check ${file}`)).records).toMatchObject([
    { faults: [expect.stringContaining('oauth.issuer: {nowhere}/ does not begin with a host role')] },
  ])
  writeFileSync(file, JSON.stringify({ ...myCrm, oauth: { ...myCrm.oauth, issuer: '{authorize}/issuer' } }))
  await whs(`providers add ${file}`)
  const simulator = await openSimulator(appHere(home), 0)
  onTestFinished(() => simulator.close())
  await whs(`app add my-crm --env simulator --host simulator=${simulator.base}`)

  const seen: string[] = []
  const visit: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init)
    const to = answer.headers.get('location')
    if (to?.includes('iss=')) seen.push(new URL(to).searchParams.get('iss') as string)
    return answer
  }
  let person: Promise<void> | undefined
  const watch = (written: string): void => {
    const link = /\n\n {2}(http\S+\/connect\/\S+)\n/.exec(written)?.[1]
    if (link) person ??= consent(link, ['Acme Holdings'], visit)
  }
  const ran = await whs('connect my-crm --tenant acme --no-open --port 0 --timeout 20s', { watch })
  await person
  expect([ran.code, seen]).toEqual([0, [`${simulator.base}/my-crm/authorize/issuer`]])
  expect(queryFile(home, 'SELECT state FROM connections')).toEqual([{ state: 'active' }])
})
