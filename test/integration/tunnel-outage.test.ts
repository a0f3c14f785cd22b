import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { domain, openTunnelWorld, type TunnelWorld } from '../helpers/tunnel-world.ts'

let world: TunnelWorld

beforeEach(async () => {
  world = await openTunnelWorld()
})
afterEach(() => world.close())

describe('an outage', () => {
  it('comes back at the same random address after a cut, and says for how long it was away', async () => {
    const tunnel = await world.open()
    const { url } = tunnel
    world.edge.cut()
    await world.until(() => world.states().includes('up'))
    expect(world.changes).toEqual([
      { state: 'lost', url, why: expect.any(String) },
      { state: 'up', url, ms: expect.any(Number) },
    ])
    expect(tunnel.url).toBe(url)
    expect((await world.edge.request(new URL(url).host, { path: '/again' })).status).toBe(201)
  })

  it('that outlasts the SDK: new sessions are tried here, the reason is told, the same domain returns', async () => {
    await world.open({ domain })
    await world.edge.goDark()
    await world.until(() => world.changes.some(change => change.why?.includes('cannot be reached')))
    await world.edge.comeBack()
    await world.until(() => world.states().includes('up'))
    expect(world.states()).toEqual(['lost', 'lost', 'up'])
    expect((await world.edge.request(domain, { path: '/again' })).status).toBe(201)
  })

  it('that costs a random address is a move', async () => {
    const tunnel = await world.open()
    const was = tunnel.url
    await world.edge.goDark()
    await world.until(() => world.states().length === 2)
    await world.edge.comeBack()
    await world.until(() => world.states().includes('moved'))
    expect(world.changes.at(-1)).toEqual({ state: 'moved', url: tunnel.url, was, ms: expect.any(Number) })
    expect(tunnel.url).not.toBe(was)
    expect((await world.edge.request(new URL(tunnel.url).host, {})).status).toBe(201)
  })

  it('with an endpoint that is refused for a while does not use up sessions', async () => {
    await world.open({ domain })
    world.edge.refuse('ERR_NGROK_334', 'bind')
    await world.edge.goDark()
    await world.until(() => world.states().length === 2)
    await world.edge.comeBack()
    await world.until(() => world.changes.some(change => change.why?.includes('ERR_NGROK_334')))
    const before = world.edge.connections()
    world.edge.refuse(undefined)
    await world.until(() => world.states().includes('up'))
    expect(world.edge.connections()).toBe(before)
    expect((await world.edge.request(domain, {})).status).toBe(201)
  })

  it('in which the SDK is refused in silence is noticed', async () => {
    await world.open({ domain })
    world.edge.refuse('ERR_NGROK_108')
    world.edge.cut()
    await world.until(() => world.changes.some(change => change.why?.includes('ERR_NGROK_108')))
    expect(world.states()).not.toContain('up')
    world.edge.refuse(undefined)
    await world.until(() => world.states().includes('up'))
    expect((await world.edge.request(domain, {})).status).toBe(201)
  })

  it('with an authtoken that was revoked meanwhile is the end', async () => {
    await world.open({ domain })
    await world.edge.goDark()
    await world.until(() => world.states().length === 2)
    world.edge.refuse('ERR_NGROK_107')
    await world.edge.comeBack()
    await world.until(() => world.lostForGood.length > 0)
    expect(world.lostForGood).toMatchObject([{ code: 'ngrok-107', exit: 6 }])
    expect(world.states()).toEqual(['lost', 'lost'])
  })

  it('ends with close', async () => {
    const tunnel = await world.open({ domain })
    await world.edge.goDark()
    await world.until(() => world.states().length === 2)
    await tunnel.close()
    await world.edge.comeBack()
    const connections = world.edge.connections()
    await world.open({ domain })
    expect(world.edge.connections()).toBe(connections + 1)
    expect(world.states()).toEqual(['lost', 'lost'])
  })
})
