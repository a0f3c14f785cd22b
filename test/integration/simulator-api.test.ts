import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkLeaks } from '../helpers/leak-check.ts'
import { acme, connect, globex, type PortalApp, type Simulated, startSimulated } from '../helpers/simulated.ts'

checkLeaks()

let simulated: Simulated
let app: PortalApp

beforeEach(async () => {
  simulated = await startSimulated()
  app = await simulated.app()
})
afterEach(async () => {
  await simulated.close()
})

async function api(access: string, path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${app.hosts.api}/v3/company/${path}`, { headers: { authorization: `Bearer ${access}` } })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

describe('the API', () => {
  test('a token opens the company that consented, and no other', async () => {
    const access = await connect(app, acme)
    expect(await api(access, `${acme}/companyinfo/${acme}?minorversion=75`)).toMatchObject({
      status: 200,
      body: { CompanyInfo: { CompanyName: 'Acme Holdings' } },
    })
    expect(await api(access, `${globex}/companyinfo/${globex}`)).toMatchObject({ status: 403 })
    expect(await api(access, `${globex}/invoice/76`)).toMatchObject({ status: 403 })
    expect(await api(access, `${acme}/companyinfo/${globex}`)).toMatchObject({ status: 400 })
    expect(await api('nonsense', `${acme}/invoice/130`)).toMatchObject({ status: 401 })
    expect((await fetch(`${app.hosts.api}/v3/company/${acme}/invoice/130`)).status).toBe(401)
  })

  test('records are read by id, and are gone once deleted', async () => {
    const access = await connect(app, acme)
    const read = await api(access, `${acme}/invoice/130?minorversion=75`)
    expect(read).toMatchObject({ status: 200, body: { Invoice: { Id: '130', TotalAmt: 362.07 } } })
    expect(await api(access, `${acme}/invoice/77`)).toMatchObject({
      status: 400,
      body: { Fault: { Error: [{ code: '610' }] } },
    })
    expect(await api(access, `${acme}/invoice/..%2F130`)).toMatchObject({ status: 400 })
    await simulated.change({ account: acme, event: 'invoice.deleted', resourceId: '130' })
    expect(await api(access, `${acme}/invoice/130`)).toMatchObject({ status: 400 })
  })

  test('what changed since a time comes back by type, deleted ones marked', async () => {
    const access = await connect(app, acme)
    const since = encodeURIComponent(new Date(Date.now() - 3_600_000).toISOString())
    await simulated.change({ account: acme, event: 'invoice.updated', resourceId: '129' })
    await simulated.change({ account: acme, event: 'customer.deleted', resourceId: '56' })
    await simulated.change({ account: globex, event: 'customer.created' })
    const { status, body } = await api(access, `${acme}/cdc?entities=Invoice,Customer,Bill&changedSince=${since}`)
    expect(status).toBe(200)
    expect(body.CDCResponse).toMatchObject([
      {
        QueryResponse: [
          { Invoice: [{ Id: '129', TotalAmt: 362.07 }] },
          { Customer: [{ Id: '56', status: 'Deleted' }] },
          { Bill: [] },
        ],
      },
    ])
    const old = encodeURIComponent(new Date(Date.now() - 31 * 86_400_000).toISOString())
    for (const query of [
      `entities=Invoice&changedSince=${old}`,
      `entities=Cats&changedSince=${since}`,
      'entities=Invoice&changedSince=soon',
      '',
    ]) {
      expect(await api(access, `${acme}/cdc?${query}`)).toMatchObject({ status: 400 })
    }
  })

  test('anything else is nothing', async () => {
    for (const path of [
      '/api/v3/company',
      '/token/v3/company/1/invoice/1',
      '/nohost/x',
      '/authorize/connect/oauth2/more',
    ]) {
      expect((await fetch(simulated.url(path))).status).toBe(404)
    }
    expect((await fetch(`${simulated.base}/no-provider`)).status).toBe(404)
    expect((await fetch(`${simulated.base}/no-provider/api/x`)).status).toBe(404)
  })
})
