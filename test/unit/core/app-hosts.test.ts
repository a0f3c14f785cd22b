import { expect, test } from 'vitest'
import { appHosts } from '../../../src/core/app-hosts.ts'
import type { Environment, Hosts } from '../../../src/core/definition.ts'
import { quickbooks } from '../../../src/providers/quickbooks.ts'

const app = (env: Environment, hosts: Hosts = {}) => ({ name: 'qbo', env, hosts })
const local = { authorize: 'http://127.0.0.1:5000', token: 'http://127.0.0.1:5000/', platform: 'http://localhost:5000' }

test('a real environment has the hosts of the definition, and the app’s own win', () => {
  expect(appHosts(quickbooks, app('sandbox'))).toEqual(quickbooks.hosts.sandbox)
  const hosts = appHosts(quickbooks, app('production', { api: 'https://proxy.example.com' }))
  expect(hosts).toEqual({ ...quickbooks.hosts.production, api: 'https://proxy.example.com' })
})

test('a host role that the definition does not know is left out', () => {
  expect(appHosts(quickbooks, app('sandbox', { other: 'https://x.example' }))).not.toHaveProperty('other')
})

test('the simulator’s hosts come from the app alone, as origins', () => {
  expect(appHosts(quickbooks, app('simulator', { ...local, api: 'http://[::1]:5000' }))).toEqual({
    authorize: 'http://127.0.0.1:5000',
    token: 'http://127.0.0.1:5000',
    platform: 'http://localhost:5000',
    api: 'http://[::1]:5000',
  })
  expect(() => appHosts(quickbooks, app('simulator', local))).toThrow(
    expect.objectContaining({ code: 'no-host', exit: 2, next: '--host api=<url>' }),
  )
})

test('one simulator plays all hosts by path, on this machine', () => {
  const api = 'http://127.0.0.1:5000/quickbooks/api/'
  expect(appHosts(quickbooks, app('simulator', { ...local, api })).api).toBe('http://127.0.0.1:5000/quickbooks/api')
})

test('an environment that the definition does not have is an error', () => {
  const { production } = quickbooks.hosts
  expect(() => appHosts({ ...quickbooks, hosts: { production } }, app('sandbox'))).toThrow(
    expect.objectContaining({ code: 'no-environment', exit: 2 }),
  )
})

test.each([
  ['http://api.example.com', 'https only'],
  ['http://127.0.0.1.example.com', 'https only'],
  ['ftp://localhost', 'https only'],
  ['https://api.example.com:8443', 'default port'],
  ['https://user:pass@api.example.com', 'user name'],
  ['https://api.example.com/v3', 'origin'],
  ['https://api.example.com/?a=b', 'must end'],
  ['api.example.com', 'no URL'],
  ['https://{x}.com', 'two fixed labels'],
  ['https://a.{x}.com', 'two fixed labels'],
  ['https://{x}', 'two fixed labels'],
  ['https://a{x}.example.com', 'whole label'],
  ['https://{x}{y}.example.com', 'whole label'],
  ['https://{x}.example.com/{y}', 'origin'],
  ['https://{x y}.example.com', 'no URL'],
  ['https://{.example.com', 'no URL'],
])('%s cannot be a host', (api, why) => {
  expect(() => appHosts(quickbooks, app('sandbox', { api }))).toThrow(
    expect.objectContaining({ code: 'bad-host', exit: 2, why: expect.stringContaining(why) }),
  )
})

test('a host may hold a slot as one label, on this machine in the path', () => {
  const api = 'https://{account.site}.example.com'
  expect(appHosts(quickbooks, app('sandbox', { api })).api).toBe(api)
  const simulated = 'http://127.0.0.1:5000/p/api~{shop}'
  expect(appHosts(quickbooks, app('simulator', { ...local, api: `${simulated}/` })).api).toBe(simulated)
})
