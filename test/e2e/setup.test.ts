import { expect, test } from 'vitest'
import { keySecrets, laterSecrets } from '../../src/app/setup-steps.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { broughtSecret } from '../../src/core/hook-secret.ts'
import { dropbox } from '../../src/providers/dropbox.ts'
import { github } from '../../src/providers/github.ts'
import { gocardless } from '../../src/providers/gocardless.ts'
import { hubspot } from '../../src/providers/hubspot.ts'
import { intercom } from '../../src/providers/intercom.ts'
import { linear } from '../../src/providers/linear.ts'
import { notion } from '../../src/providers/notion.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { slack } from '../../src/providers/slack.ts'
import { xero } from '../../src/providers/xero.ts'
import { zoom } from '../../src/providers/zoom.ts'
import { jsonLines } from '../helpers/listening.ts'
import { runWhs } from '../helpers/program.ts'
import {
  answer,
  linkOf,
  openSetupWalk,
  type SetupWalk,
  saved,
  storeBare,
  textOf,
  valueOf,
} from '../helpers/setup-walk.ts'
import { hasTerminal, type Terminal } from '../helpers/terminal.ts'

const inTerminal = test.skipIf(!hasTerminal())
const portalOnly = [quickbooks, xero, slack, zoom, notion, hubspot, intercom, linear, dropbox, github, gocardless]
const whose = 'Whose is it, in your own word (empty: from its name)?'

/** An app that is known, whose keys are not; the environment that a newcomer gets. */
async function begin(definition: ProviderDefinition): Promise<SetupWalk> {
  const walk = await openSetupWalk(definition)
  await storeBare(walk.options.home, definition, walk.made, definition.hosts.sandbox ? 'sandbox' : 'production')
  return walk
}

async function giveKeys(terminal: Terminal, definition: ProviderDefinition, { made }: SetupWalk): Promise<void> {
  await answer(terminal, definition.portal.clientId.label, ` ${made.clientId} `)
  for (const name of keySecrets(definition)) {
    await answer(terminal, definition.secrets[name]?.label ?? name, made.secrets[name] as string)
  }
}

/** Redirect URI and callback URL, as the portal takes them. */
async function pasteUrls(terminal: Terminal, { portal, webhook }: ProviderDefinition, walk: SetupWalk): Promise<void> {
  await terminal.waitFor(/^\? Enter when it is saved there *$/m)
  await walk.paste({ redirectUris: [await valueOf(terminal, portal.redirectUri.label)] })
  await answer(terminal, saved, '')
  await terminal.waitFor(/^3 {2}Say where events go$/m)
  await terminal.waitFor(/^\? Enter when it is saved there *$/m)
  const callbackUrl = await valueOf(terminal, portal.callbackUrl.label)
  expect(callbackUrl).toMatch(/^https:\/\/\w+\.ngrok-free\.dev\/hooks\//)
  await walk.paste({ callbackUrl })
  const tests = (webhook.handshakes ?? []).filter(({ probes }) => !probes)
  if (tests.length === 0) return answer(terminal, saved, '')
  expect(await walk.test(tests[0]?.kind)).toEqual([true])
  await terminal.waitFor(/received: \S+ \S+ passed$/m)
}

inTerminal.each(portalOnly.map((definition: ProviderDefinition) => [definition.id, definition] as const))(
  '%s: from an app at the portal to "received", with every value ready to paste',
  async (id, definition) => {
    const walk = await begin(definition)
    const { made } = walk
    const { portal, secrets, company, accounts } = definition
    const terminal = await walk.open(['setup', id])
    await giveKeys(terminal, definition, walk)
    await pasteUrls(terminal, definition, walk)
    for (const name of laterSecrets(definition)) {
      const label = secrets[name]?.label ?? name
      if (name !== broughtSecret(definition)) await answer(terminal, label, made.secrets[name] as string)
      else expect((await terminal.waitFor(new RegExp(`${label}: {2}(\\S+)`)))[1]).toBe(made.secrets[name])
    }
    if (portal.events.length > 0) {
      await terminal.waitFor(/Do what else is needed for events/)
      await terminal.waitFor(/^\? Enter when it is saved there *$/m)
      const probe = definition.webhook.handshakes?.find(({ probes }) => probes)
      if (probe) expect(await walk.test(probe.kind)).toEqual([true])
      else await answer(terminal, saved, '')
    }
    await answer(terminal, whose, 'acme')
    await walk.allow(await linkOf(terminal))
    await terminal.waitFor(/waiting for the first verified delivery/)
    expect(await walk.happen()).toEqual([definition.webhook.reply.ok])
    await terminal.waitFor(/received and verified: .* {2}\w{6} {2}for acme$/m)
    expect(await terminal.exitCode()).toBe(0)

    const text = textOf(terminal)
    const numbers = [...text.matchAll(/^(\d) {2}\S/gm)].map(([, number]) => Number(number))
    expect(numbers).toEqual(Array.from(numbers, (_, index) => index + 1))
    expect(text).toContain(`Let ${company} send people back here`)
    expect(text).toContain(`${accounts[0]?.noun} authorise your app`)
    expect(text).not.toMatch(/undefined|\{callback\}|not known before|\[object/)
    const shown = broughtSecret(definition)
    for (const [name, value] of Object.entries(made.secrets)) {
      expect(text.split(value), `${name} is shown`).toHaveLength(name === shown ? 2 : 1)
    }
    const printed = await runWhs(['setup', id], walk.options)
    expect(printed.stdout).toContain('Everything is done: ')
    expect(jsonLines((await runWhs(['app', 'list'], walk.options)).stdout)).toMatchObject([{ clientId: made.clientId }])
  },
)

inTerminal(
  'a test of the URL by the platform’s own event ticks the URL, and nothing that is still to be done',
  async () => {
    const walk = await begin(github)
    const terminal = await walk.open(['setup', 'github'])
    await giveKeys(terminal, github, walk)
    await terminal.waitFor(/^\? Enter when it is saved there *$/m)
    await answer(terminal, saved, '')
    await terminal.waitFor(/^3 {2}Say where events go$/m)
    await walk.paste({ callbackUrl: await valueOf(terminal, github.portal.callbackUrl.label) })
    expect(await walk.happen({ event: 'ping', account: undefined })).toEqual([github.webhook.reply.ok])
    await answer(terminal, saved, '')
    await terminal.waitFor(/^4 {2}Do what else is needed for events$/m)
    await terminal.press('C-c')
    expect(await terminal.exitCode()).toBe(130)
    const { stdout } = await runWhs(['setup', 'github'], walk.options)
    const marks = [...stdout.matchAll(/^(?:✓ )?(\d) /gm)].map(([line]) => line.trim())
    expect(marks).toEqual(['✓ 1', '2', '✓ 3', '4', '5', '6'])
  },
)

inTerminal(
  'Ctrl-C keeps what was done; the next walk goes on from there; a wrong secret is asked for once more where it shows',
  async () => {
    const walk = await begin(quickbooks)
    const first = await walk.open(['setup', 'quickbooks'])
    await giveKeys(first, quickbooks, walk)
    await first.waitFor(/^\? Enter when it is saved there *$/m)
    await first.press('C-c')
    expect(await first.exitCode()).toBe(130)

    const second = await walk.open(['setup', 'quickbooks'])
    await second.waitFor(/^✓ 1 {2}Make an app at Intuit/m)
    await pasteUrls(second, quickbooks, walk)
    await answer(second, 'Verifier token', 'n0t-the-right-one ')
    await second.waitFor(/note {3}the Verifier token begins or ends with a blank; it is kept just so/)
    await answer(second, whose, 'not a tenant')
    await second.waitFor(/letters, digits and \. _ : @ -/)
    for (const _ of 'not a tenant') await second.press('BSpace')
    await second.press('-l', 'acme')
    await second.press('Enter')
    await walk.allow(await linkOf(second))
    await second.waitFor(/waiting for the first verified delivery/)
    expect(await walk.happen()).toEqual([401])
    await second.waitFor(/rejected {2}\w{6} {2}wrong-secret: /)
    await second.waitFor(/if Intuit sent it, the Verifier token that is stored is not the one that it signs with/)
    const again = 'Verifier token once more (empty: it stays)'
    await answer(second, again, 'wrong-again')
    await second.waitFor(/Of the kept deliveries none verifies now; 1 still does not verify/)
    await answer(second, again, walk.made.secrets.webhook as string)
    await second.waitFor(/1 kept delivery verifies now and was taken in/)
    await second.waitFor(/received and verified: /)
    expect(await second.exitCode()).toBe(0)
    const text = textOf(second)
    for (const value of Object.values(walk.made.secrets)) expect(text).not.toContain(value)
  },
)

inTerminal(
  'a consent that fails by a wrong client secret is said with what mends it, and what was done is kept',
  async () => {
    const walk = await begin(linear)
    const terminal = await walk.open(['setup', 'linear'])
    await answer(terminal, 'Client ID', walk.made.clientId)
    await answer(terminal, 'Client secret', 'wr0ng')
    await pasteUrls(terminal, linear, walk)
    await answer(terminal, 'Webhook signing secret', walk.made.secrets.webhook as string)
    await answer(terminal, whose, 'acme')
    await walk.allow(await linkOf(terminal))
    await terminal.waitFor(/^next +.*whs app set linear --client-secret -/m)
    expect(await terminal.exitCode()).toBe(4)
  },
)

inTerminal('without an authtoken: the keys are kept, and what to do is said before anything opens', async () => {
  const walk = await begin(dropbox)
  const { NGROK_AUTHTOKEN: _, ...env } = walk.options.env ?? {}
  const terminal = await walk.open(['setup', 'dropbox'], { env })
  await giveKeys(terminal, dropbox, walk)
  await terminal.waitFor(/^next +.*whs setup dropbox --tunnel https:\/\//m)
  expect(await terminal.exitCode()).toBe(3)
  expect(textOf(terminal)).not.toContain('the door is open')
  expect(jsonLines((await runWhs(['app', 'list'], walk.options)).stdout)).toMatchObject([
    { secrets: [{ name: 'client' }] },
  ])
  const local = await walk.open(['setup', 'dropbox', '--tunnel', 'none'], { env })
  await local.waitFor(/warning {2}Dropbox cannot reach http:\/\/\S+:\d+\/hooks\/dropbox: .*whs setup dropbox --tunnel/)
  await local.press('C-c')
  expect(await local.exitCode()).toBe(130)
})
