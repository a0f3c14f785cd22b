import { expect, test } from 'vitest'
import { readSecrets } from '../../../src/cli/secret-input.ts'
import type { SecretFlags } from '../../../src/cli/secret-options.ts'
import { quickbooks } from '../../../src/providers/quickbooks.ts'
import { testIo } from '../../helpers/test-io.ts'

function typed(...flags: [flag: string, text: string][]): SecretFlags {
  const all = flags.map(([flag, text], place) => ({ place, flag, text }))
  const of = (name: string) => all.filter(({ flag }) => flag === name)
  return { clientSecret: of('--client-secret'), webhookSecret: of('--webhook-secret'), secret: of('--secret') }
}

async function read(stdin: string, ...flags: [flag: string, text: string][]) {
  const io = testIo({ stdin })
  const secrets = await readSecrets(io, typed(...flags), quickbooks)
  return { secrets, err: io.ran(0).err }
}

test('each - takes the next line of stdin, in the order in which the flags were typed', async () => {
  const webhookFirst = await read('one\ntwo\n', ['--webhook-secret', '-'], ['--client-secret', '-'])
  expect(webhookFirst.secrets).toEqual({ webhook: 'one', client: 'two' })
  const clientFirst = await read('one\ntwo\n', ['--client-secret', '-'], ['--secret', 'webhook=-'])
  expect(clientFirst.secrets).toEqual({ client: 'one', webhook: 'two' })
})

test('a line ends at LF, at CR LF or where stdin ends', async () => {
  const { secrets } = await read('one\r\ntwo', ['--client-secret', '-'], ['--webhook-secret', '-'])
  expect(secrets).toEqual({ client: 'one', webhook: 'two' })
})

test('a PEM is read to its END line, and the next secret begins behind it', async () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nMIIB\nAAAA\n-----END PRIVATE KEY-----\n'
  const { secrets, err } = await read(`${pem}two\n`, ['--client-secret', '-'], ['--webhook-secret', '-'])
  expect(secrets).toEqual({ client: pem, webhook: 'two' })
  expect(err).toBe('')
})

test('a secret comes out as it went in, and a note tells what looks like a slip', async () => {
  const blank = await read(' s3cr3t\n', ['--client-secret', '-'])
  expect(blank.secrets.client).toBe(' s3cr3t')
  expect(blank.err).toContain('begins or ends with a blank')
  const quoted = await read('"s3cr3t"\n', ['--client-secret', '-'])
  expect(quoted.secrets.client).toBe('"s3cr3t"')
  expect(quoted.err).toContain('is in quotes')
  for (const { err } of [blank, quoted]) expect(err).not.toContain('s3cr3t')
  expect((await read('s"3cr3t\n', ['--client-secret', '-'])).err).toBe('')
})

test.each([
  ['a value in the command line', 'x\n', ['--client-secret', 'hunter2'], 'secret-in-argv'],
  ['a name without =-', 'x\n', ['--secret', 'hunter2'], 'secret-in-argv'],
  ['a value behind the name', 'x\n', ['--secret', 'client=hunter2'], 'secret-in-argv'],
  ['an unknown name', 'x\n', ['--secret', 'hunter2=-'], 'bad-secret-name'],
  ['a name that every object has', 'x\n', ['--secret', 'constructor=-'], 'bad-secret-name'],
  ['stdin that is empty', '', ['--client-secret', '-'], 'secret-missing'],
  ['a line that is empty', '\nnext\n', ['--client-secret', '-'], 'secret-missing'],
  ['a PEM without an end', '-----BEGIN KEY-----\nAA\n', ['--client-secret', '-'], 'secret-missing'],
] as const)('%s is refused, and not repeated', async (_, stdin, flag, code) => {
  const refused = await read(stdin, [flag[0], flag[1]]).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code, exit: 2 })
  expect(JSON.stringify([refused, (refused as Error).message])).not.toContain('hunter2')
})

test('one secret by two flags is refused', async () => {
  await expect(read('a\nb\n', ['--client-secret', '-'], ['--secret', 'client=-'])).rejects.toMatchObject({
    code: 'secret-twice',
  })
})

test('at a terminal - asks, and shows no letter of the answer', async () => {
  const io = testIo({ tty: true, answers: [[/Verifier token/, 's3cr3t']] })
  const secrets = await readSecrets(io, typed(['--webhook-secret', '-']), quickbooks)
  expect(secrets).toEqual({ webhook: 's3cr3t' })
  expect(io.ran(0).err).not.toContain('s3cr3t')
})
