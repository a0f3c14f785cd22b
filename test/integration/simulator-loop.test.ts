import { expect, onTestFinished, test } from 'vitest'
import { consentAsPerson } from '../../src/app/demo-person.ts'
import { parseRule } from '../../src/core/rule.ts'
import { makeHttpCall } from '../../src/net/call.ts'
import type { EventKind } from '../../src/simulate/catalogue.ts'
import type { AccountFixture } from '../../src/simulate/fixtures.ts'
import { companiesOf } from '../helpers/cli-world.ts'
import { testedProviders } from '../helpers/fixtures.ts'
import { listenHere } from '../helpers/listener-here.ts'
import { startHandler, startSimulated } from '../helpers/simulated.ts'
import { tempHome } from '../helpers/temp-home.ts'
import { type Ran, runCommand } from '../helpers/test-io.ts'

test.each(testedProviders.map(definition => [definition.id, definition] as const))(
  '%s: a tenant authorises, an event arrives and is that tenant’s, a handler has it, and the tenant leaves',
  async (id, definition) => {
    const home = tempHome()
    const http = makeHttpCall({})
    const simulated = await startSimulated({ definition })
    const handler = await startHandler()
    onTestFinished(async () => {
      await simulated.close()
      await handler.close()
    })
    const whs = async (...args: string[]): Promise<Ran> => {
      const ran = await runCommand(args, { env: { WHS_HOME: home } })
      expect(ran, ran.err).toMatchObject({ code: 0 })
      return ran
    }
    await whs('app', 'add', id, '--env', 'simulator', '--host', `simulator=${simulated.base}`)
    await listenHere(home, { rules: [parseRule(handler.url)] })
    const [first] = companiesOf(definition) as [AccountFixture]
    const asked = (definition.ask ?? []).flatMap(({ name }) => ['--set', `${name}=${first.slots?.[name]}`])
    const [kind] = Object.keys(definition.identity.accounts)
    const account = first.values[kind ?? ''] as string
    const link = await whs('connect', id, '--link', '--no-activate', '--tenant', `acme=${account}`, ...asked)
    await consentAsPerson(http, link.records[0]?.url as string, first.name)
    if (definition.activation.per !== 'app') await whs('activations', 'add', id, '--tenant', 'acme')
    const ends = (definition.lifecycle ?? []).flatMap(({ events }) => events)
    const isPlain = ({ isApp, providerEvent }: EventKind): boolean => !isApp && !ends.includes(providerEvent)
    const { event } = (await simulated.events()).find(isPlain) as EventKind
    const sent = await simulated.change({ account: first.name, event })
    expect(sent).toMatchObject([{ tries: [{ status: definition.webhook.reply.ok }] }])
    const stored = await whs('events')
    const [change, ...before] = stored.records
    expect(change).toMatchObject({ type: 'event', tenant: 'acme', event, provider: id })
    expect(before).toMatchObject([{ event: 'tenant.connected', source: 'lifecycle' }])
    await handler.count(1)
    expect(handler.arrived[0]?.headers).toMatchObject({ 'whs-tenant': 'acme' })
    const ended = await whs('tenants', 'disconnect', 'acme')
    const { revoke } = definition.oauth
    expect(ended.records).toMatchObject([{ type: 'connection', atProvider: revoke ? 'revoked' : 'kept' }])
    expect(await simulated.change({ account: first.name, event })).toHaveLength(revoke ? 0 : 1)
  },
)
