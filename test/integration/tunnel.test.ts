import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { authtoken, domain, openTunnelWorld, type TunnelWorld } from '../helpers/tunnel-world.ts'

let world: TunnelWorld

beforeEach(async () => {
  world = await openTunnelWorld()
})
afterEach(() => world.close())

describe('opening', () => {
  it('gives the requested domain and passes a request on byte for byte', async () => {
    const tunnel = await world.open({ domain })
    expect(tunnel).toMatchObject({ kind: 'ngrok', url: `https://${domain}` })
    const raw = `POST /hooks/x?a=%20b HTTP/1.1\r\nHost: ${domain}\r\nX-One: 1\r\nx-one: 2\r\nContent-Length: 3\r\nConnection: close\r\n\r\na\n\0`
    const answer = await world.edge.request(domain, Buffer.from(raw))
    expect(answer.status).toBe(201)
    expect(world.received).toHaveLength(1)
    expect(world.received[0]).toMatchObject({ method: 'POST', url: '/hooks/x?a=%20b', body: Buffer.from('a\n\0') })
    expect(world.received[0]?.rawHeaders.slice(0, 6)).toEqual(['Host', domain, 'X-One', '1', 'x-one', '2'])
    expect(world.changes).toEqual([])
  })

  it('takes the address that ngrok gives where none is asked for', async () => {
    const tunnel = await world.open()
    expect(tunnel.url).toBe(`https://${world.edge.online()[0]}`)
    expect(tunnel.url).toMatch(/^https:\/\/[0-9a-f]{12}\.ngrok-free\.dev$/)
  })

  it('carries a body of 1 MiB both ways, and several at once', async () => {
    await world.open({ domain })
    const bodies = [randomBytes(1 << 20), randomBytes(1 << 20), randomBytes((1 << 20) + 1)]
    const answers = await Promise.all(
      bodies.map(body => world.edge.request(domain, { method: 'POST', path: '/', body })),
    )
    for (const [index, answer] of answers.entries()) {
      const body = bodies[index] as Buffer
      expect(answer.headers['x-sha256']).toBe(createHash('sha256').update(body).digest('hex'))
      expect(answer.body.equals(body)).toBe(true)
    }
  })

  it('tells ngrok where it forwards to, not the command line', async () => {
    await world.open({ domain })
    expect(world.edge.forwardsTo()).toEqual([`http://127.0.0.1:${world.port}`])
  })
})

describe('closing', () => {
  it('takes the address down at once and for good, twice is once', async () => {
    const tunnel = await world.open({ domain })
    await tunnel.close()
    await tunnel.close()
    expect(world.edge.online()).toEqual([])
    expect((await world.edge.request(domain, {})).status).toBe(404)
    world.edge.cut()
    const connections = world.edge.connections()
    await world.open({ domain })
    expect(world.edge.connections()).toBe(connections + 1)
  })

  it('lets the process end, and prints nothing', async () => {
    const program = `
      import { openTunnel } from '${new URL('../../src/tunnel/tunnel.ts', import.meta.url).href}'
      const { authtoken, serverAddr, caPem } = JSON.parse(process.env.TUNNEL)
      const tunnel = await openTunnel({ how: 'ngrok', port: 9, authtoken, serverAddr, caPem, onChange() {} })
      process.send(tunnel.url)
      await new Promise(resolve => process.once('message', resolve))
      await tunnel.close()
      process.disconnect()`
    const TUNNEL = JSON.stringify({ authtoken, serverAddr: world.edge.serverAddr, caPem: world.edge.caPem })
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, TUNNEL },
    })
    let output = ''
    child.stdout?.on('data', chunk => (output += chunk))
    child.stderr?.on('data', chunk => (output += chunk))
    const [url] = await once(child, 'message')
    expect(url).toBe(`https://${world.edge.online()[0]}`)
    child.send('close')
    expect(await once(child, 'close')).toEqual([0, null])
    await world.edge.idle()
    expect(world.edge.online()).toEqual([])
    expect(output).toBe('')
  })
})

describe('without ngrok', () => {
  it('none is this machine alone', async () => {
    const tunnel = await world.open({ how: 'none', port: 4400, authtoken: undefined })
    expect(tunnel).toMatchObject({ kind: 'none', url: 'http://localhost:4400' })
  })

  it.each([
    ['https://hooks.acme.example', 'https://hooks.acme.example'],
    ['https://Hooks.Acme.example:8443/', 'https://hooks.acme.example:8443'],
  ])('a URL of the user: %s', async (how, url) => {
    const tunnel = await world.open({ how, authtoken: undefined })
    expect(tunnel).toMatchObject({ kind: 'url', url })
  })

  it.each([
    'ngork',
    'http://hooks.acme.example',
    'https://user:topsecret@hooks.acme.example',
    'https://hooks.acme.example/hooks',
    'https://hooks.acme.example/?a=b',
    'https://hooks.acme.example/#a',
  ])('%s: exit 2', async how => {
    const error = await world.failure({ how })
    expect(error).toMatchObject({ code: 'tunnel-invalid', exit: 2 })
    expect(`${error.message} ${error.why}`).not.toContain('topsecret')
  })
})
