import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WhsError } from '../../src/core/errors.ts'
import { openTunnel, type Tunnel, type TunnelChange, type TunnelOptions } from '../../src/tunnel/tunnel.ts'
import { type NgrokEdge, startNgrokEdge } from '../helpers/ngrok-edge.ts'
import { createTlsCertificate } from '../helpers/tls-certificate.ts'

const authtoken = '2aBcD_4eFgH9xYz'
const domain = 'acme.example'

interface Received {
  method: string
  url: string
  rawHeaders: string[]
  body: Buffer
}

let edge: NgrokEdge
let door: Server
let received: Received[]
let tunnel: Tunnel | undefined
let changes: TunnelChange[]
let lostForGood: WhsError[]
let wake: () => void

beforeEach(async () => {
  edge = await startNgrokEdge({ authtoken, domains: [domain] })
  received = []
  changes = []
  lostForGood = []
  wake = () => {}
  door = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      received.push({ method: `${request.method}`, url: `${request.url}`, rawHeaders: request.rawHeaders, body })
      response.writeHead(201, { 'X-Sha256': createHash('sha256').update(body).digest('hex') }).end(body)
    })
  })
  door.listen(0, '127.0.0.1')
  await once(door, 'listening')
})

afterEach(async () => {
  await tunnel?.close()
  tunnel = undefined
  await edge.close()
  door.closeAllConnections()
  door.close()
  await once(door, 'close')
})

function options(more: Partial<TunnelOptions> = {}): TunnelOptions {
  return {
    how: 'ngrok',
    port: (door.address() as AddressInfo).port,
    authtoken,
    serverAddr: edge.serverAddr,
    caPem: edge.caPem,
    onChange(change) {
      changes.push(change)
      wake()
    },
    onLostForGood(error) {
      lostForGood.push(error)
      wake()
    },
    ...more,
  }
}

/** Resolves once the condition holds; it is looked at again after each change that the tunnel reports. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise<void>(resolve => {
      wake = resolve
    })
  }
}

const states = () => changes.map(change => change.state)

describe('opening', () => {
  it('gives the requested domain and passes a request on byte for byte', async () => {
    tunnel = await openTunnel(options({ domain }))
    expect(tunnel).toMatchObject({ kind: 'ngrok', url: `https://${domain}` })
    const raw = `POST /hooks/x?a=%20b HTTP/1.1\r\nHost: ${domain}\r\nX-One: 1\r\nx-one: 2\r\nContent-Length: 3\r\nConnection: close\r\n\r\na\n\0`
    const answer = await edge.request(domain, Buffer.from(raw))
    expect(answer.status).toBe(201)
    expect(received).toHaveLength(1)
    expect(received[0]).toMatchObject({ method: 'POST', url: '/hooks/x?a=%20b', body: Buffer.from('a\n\0') })
    expect(received[0]?.rawHeaders.slice(0, 6)).toEqual(['Host', domain, 'X-One', '1', 'x-one', '2'])
    expect(changes).toEqual([])
  })

  it('takes the address that ngrok gives where none is asked for', async () => {
    tunnel = await openTunnel(options())
    expect(tunnel.url).toBe(`https://${edge.online()[0]}`)
    expect(tunnel.url).toMatch(/^https:\/\/[0-9a-f]{12}\.ngrok-free\.dev$/)
  })

  it('carries a body of 1 MiB both ways, and several at once', async () => {
    tunnel = await openTunnel(options({ domain }))
    const bodies = [randomBytes(1 << 20), randomBytes(1 << 20), randomBytes((1 << 20) + 1)]
    const answers = await Promise.all(bodies.map(body => edge.request(domain, { method: 'POST', path: '/', body })))
    for (const [index, answer] of answers.entries()) {
      const body = bodies[index] as Buffer
      expect(answer.headers['x-sha256']).toBe(createHash('sha256').update(body).digest('hex'))
      expect(answer.body.equals(body)).toBe(true)
    }
  })

  it('tells ngrok where it forwards to, not the command line', async () => {
    tunnel = await openTunnel(options({ domain }))
    expect(edge.forwardsTo()).toEqual([`http://127.0.0.1:${(door.address() as AddressInfo).port}`])
  })
})

describe('refusals', () => {
  it('a wrong authtoken: exit 6, and nowhere the authtoken', async () => {
    const error = await failure(options({ authtoken: 'wrong_token_1' }))
    expect(error).toMatchObject({ code: 'ngrok-105', exit: 6 })
    expect(JSON.stringify([error, error.message, error.stack, error.cause])).not.toContain('wrong_token_1')
  })

  it.each([
    ['ERR_NGROK_108', 'auth'],
    ['ERR_NGROK_121', 'auth'],
    ['ERR_NGROK_334', 'bind'],
    ['ERR_NGROK_99999', 'bind'],
  ] as const)('%s at %s', async (code, at) => {
    edge.refuse(code, at)
    expect(await failure(options())).toMatchObject({ code: `ngrok-${code.slice(10)}`, exit: 6 })
  })

  it('a domain of somebody else', async () => {
    expect(await failure(options({ domain: 'globex.example' }))).toMatchObject({ code: 'ngrok-319', exit: 6 })
  })

  it('an edge that nobody runs', async () => {
    await edge.goDark()
    expect(await failure(options())).toMatchObject({ code: 'ngrok-unreachable', exit: 6 })
  })

  it('a certificate of another authority', async () => {
    const { caPem } = createTlsCertificate()
    expect(await failure(options({ caPem }))).toMatchObject({ code: 'ngrok-certificate', exit: 6 })
  })

  it('no authtoken: exit 3 before anything opens', async () => {
    expect(await failure(options({ authtoken: undefined }))).toMatchObject({ code: 'ngrok-no-authtoken', exit: 3 })
    expect(edge.connections()).toBe(0)
  })

  it.each([
    { domain: 'https://acme.example' },
    { serverAddr: 'https://connect.example.com' },
    { caPem: 'not a certificate' },
  ])('%o: exit 2 before anything opens', async more => {
    expect(await failure(options(more))).toMatchObject({ exit: 2 })
    expect(edge.connections()).toBe(0)
  })
})

describe('an outage', () => {
  it('comes back at the same random address after a cut, and says for how long it was away', async () => {
    tunnel = await openTunnel(options())
    const { url } = tunnel
    edge.cut()
    await until(() => states().includes('up'))
    expect(changes).toEqual([
      { state: 'lost', url, why: expect.any(String) },
      { state: 'up', url, ms: expect.any(Number) },
    ])
    expect(tunnel.url).toBe(url)
    expect((await edge.request(new URL(url).host, { path: '/again' })).status).toBe(201)
  })

  it('that outlasts the SDK: new sessions are tried here, the reason is told, the same domain returns', async () => {
    tunnel = await openTunnel(options({ domain }))
    await edge.goDark()
    await until(() => changes.some(change => change.why?.includes('cannot be reached')))
    await edge.comeBack()
    await until(() => states().includes('up'))
    expect(states()).toEqual(['lost', 'lost', 'up'])
    expect((await edge.request(domain, { path: '/again' })).status).toBe(201)
  })

  it('that costs a random address is a move', async () => {
    tunnel = await openTunnel(options())
    const was = tunnel.url
    await edge.goDark()
    await until(() => states().length === 2)
    await edge.comeBack()
    await until(() => states().includes('moved'))
    expect(changes.at(-1)).toEqual({ state: 'moved', url: tunnel.url, was, ms: expect.any(Number) })
    expect(tunnel.url).not.toBe(was)
    expect((await edge.request(new URL(tunnel.url).host, {})).status).toBe(201)
  })

  it('with an endpoint that is refused for a while does not use up sessions', async () => {
    tunnel = await openTunnel(options({ domain }))
    edge.refuse('ERR_NGROK_334', 'bind')
    await edge.goDark()
    await until(() => states().length === 2)
    await edge.comeBack()
    await until(() => changes.some(change => change.why?.includes('ERR_NGROK_334')))
    const before = edge.connections()
    edge.refuse(undefined)
    await until(() => states().includes('up'))
    expect(edge.connections()).toBe(before)
    expect((await edge.request(domain, {})).status).toBe(201)
  })

  it('in which the SDK is refused in silence is noticed', async () => {
    tunnel = await openTunnel(options({ domain }))
    edge.refuse('ERR_NGROK_108')
    edge.cut()
    await until(() => changes.some(change => change.why?.includes('ERR_NGROK_108')))
    expect(states()).not.toContain('up')
    edge.refuse(undefined)
    await until(() => states().includes('up'))
    expect((await edge.request(domain, {})).status).toBe(201)
  })

  it('with an authtoken that was revoked meanwhile is the end', async () => {
    tunnel = await openTunnel(options({ domain }))
    await edge.goDark()
    await until(() => states().length === 2)
    edge.refuse('ERR_NGROK_107')
    await edge.comeBack()
    await until(() => lostForGood.length > 0)
    expect(lostForGood).toMatchObject([{ code: 'ngrok-107', exit: 6 }])
    expect(states()).toEqual(['lost', 'lost'])
  })

  it('ends with close', async () => {
    tunnel = await openTunnel(options({ domain }))
    await edge.goDark()
    await until(() => states().length === 2)
    await tunnel.close()
    await edge.comeBack()
    const connections = edge.connections()
    tunnel = await openTunnel(options({ domain }))
    expect(edge.connections()).toBe(connections + 1)
    expect(states()).toEqual(['lost', 'lost'])
  })
})

describe('closing', () => {
  it('takes the address down at once and for good, twice is once', async () => {
    tunnel = await openTunnel(options({ domain }))
    await tunnel.close()
    await tunnel.close()
    expect(edge.online()).toEqual([])
    expect((await edge.request(domain, {})).status).toBe(404)
    edge.cut()
    const connections = edge.connections()
    tunnel = await openTunnel(options({ domain }))
    expect(edge.connections()).toBe(connections + 1)
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
    const TUNNEL = JSON.stringify({ authtoken, serverAddr: edge.serverAddr, caPem: edge.caPem })
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, TUNNEL },
    })
    let output = ''
    child.stdout?.on('data', chunk => (output += chunk))
    child.stderr?.on('data', chunk => (output += chunk))
    const [url] = await once(child, 'message')
    expect(url).toBe(`https://${edge.online()[0]}`)
    child.send('close')
    expect(await once(child, 'close')).toEqual([0, null])
    await edge.idle()
    expect(edge.online()).toEqual([])
    expect(output).toBe('')
  })
})

describe('without ngrok', () => {
  it('none is this machine alone', async () => {
    tunnel = await openTunnel(options({ how: 'none', port: 4400, authtoken: undefined }))
    expect(tunnel).toMatchObject({ kind: 'none', url: 'http://localhost:4400' })
  })

  it.each([
    ['https://hooks.acme.example', 'https://hooks.acme.example'],
    ['https://Hooks.Acme.example:8443/', 'https://hooks.acme.example:8443'],
  ])('a URL of the user: %s', async (how, url) => {
    tunnel = await openTunnel(options({ how, authtoken: undefined }))
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
    const error = await failure(options({ how }))
    expect(error).toMatchObject({ code: 'tunnel-invalid', exit: 2 })
    expect(`${error.message} ${error.why}`).not.toContain('topsecret')
  })
})

async function failure(given: TunnelOptions): Promise<WhsError> {
  try {
    tunnel = await openTunnel(given)
  } catch (error) {
    return error as WhsError
  }
  throw new Error('the tunnel opened')
}
