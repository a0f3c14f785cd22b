import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTlsCertificate } from '../helpers/tls-certificate.ts'
import { openTunnelWorld, type TunnelWorld } from '../helpers/tunnel-world.ts'

let world: TunnelWorld

beforeEach(async () => {
  world = await openTunnelWorld()
})
afterEach(() => world.close())

describe('refusals', () => {
  it('a wrong authtoken: exit 6, and nowhere the authtoken', async () => {
    const error = await world.failure({ authtoken: 'wrong_token_1' })
    expect(error).toMatchObject({ code: 'ngrok-105', exit: 6 })
    expect(JSON.stringify([error, error.message, error.stack, error.cause])).not.toContain('wrong_token_1')
  })

  it.each([
    ['ERR_NGROK_108', 'auth'],
    ['ERR_NGROK_121', 'auth'],
    ['ERR_NGROK_334', 'bind'],
    ['ERR_NGROK_99999', 'bind'],
  ] as const)('%s at %s', async (code, at) => {
    world.edge.refuse(code, at)
    expect(await world.failure()).toMatchObject({ code: `ngrok-${code.slice(10)}`, exit: 6 })
  })

  it('a domain of somebody else', async () => {
    expect(await world.failure({ domain: 'globex.example' })).toMatchObject({ code: 'ngrok-319', exit: 6 })
  })

  it('an edge that nobody runs', async () => {
    await world.edge.goDark()
    expect(await world.failure()).toMatchObject({ code: 'ngrok-unreachable', exit: 6 })
  })

  it('a certificate of another authority', async () => {
    const { caPem } = createTlsCertificate()
    expect(await world.failure({ caPem })).toMatchObject({ code: 'ngrok-certificate', exit: 6 })
  })

  it('no authtoken: exit 3 before anything opens', async () => {
    expect(await world.failure({ authtoken: undefined })).toMatchObject({ code: 'ngrok-no-authtoken', exit: 3 })
    expect(world.edge.connections()).toBe(0)
  })

  it.each([
    { domain: 'https://acme.example' },
    { serverAddr: 'https://connect.example.com' },
    { caPem: 'not a certificate' },
  ])('%o: exit 2 before anything opens', async more => {
    expect(await world.failure(more)).toMatchObject({ exit: 2 })
    expect(world.edge.connections()).toBe(0)
  })
})
