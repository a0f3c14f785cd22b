import type { ProviderDefinition } from '../core/definition.ts'

/**
 * Copy this file to `<id>.ts`, name the constant after the id, fill in every field from the provider's own pages, and put
 * it into the list of `index.ts`. What each field means stands in `core/definition.ts`; `fixtures/README.md` tells what
 * `fixtures/<id>/` must hold. Where the API tells what happened, it has `feeds` too (`core/feed-definition.ts`); where it reads
 * a changed thing, `record` (`core/record-definition.ts`); where deliveries name what only the API knows whose it is, `resolve`
 * (`core/resolve-definition.ts`). Facts that are from memory or disputed go into `checked.uncertain`.
 */
export const template = {
  id: 'template',
  name: 'Example',
  company: 'Example Inc.',
  docs: {
    oauth: 'https://docs.example.com/oauth',
    webhooks: 'https://docs.example.com/webhooks',
    portal: 'https://app.example.com/developers',
  },
  checked: { on: '2026-01-01', how: 'docs', witness: 'the vector on the webhooks page', uncertain: [] },
  hosts: { production: { authorize: 'https://app.example.com', api: 'https://api.example.com' } },
  portal: {
    clientId: { label: 'Client ID', where: 'Developers > your app > Keys' },
    redirectUri: { label: 'Redirect URL', where: 'Developers > your app > OAuth' },
    callbackUrl: { label: 'Webhook URL', where: 'Developers > your app > Webhooks' },
    events: ['Tick the events you want'],
  },
  secrets: {
    client: { label: 'Client secret', where: 'Developers > your app > Keys' },
    webhook: { label: 'Signing secret', where: 'Developers > your app > Webhooks', later: true },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{authorize}/oauth/authorize',
    tokenUrl: '{api}/oauth/token',
    scopes: ['read'],
    scopeSeparator: ' ',
    pkce: 'S256',
    clientAuth: 'basic',
    refresh: { kind: 'rotating' },
    accessSeconds: 3600,
    redirect: { production: 'public', sandbox: 'loopback' },
  },
  accounts: [
    {
      kind: 'account',
      word: 'accountId',
      noun: 'account',
      normalise: 'text',
      pattern: '^[A-Za-z0-9_-]{1,64}$',
      shape: 'up to 64 letters, digits, - or _',
      from: 'consent',
    },
  ],
  identity: {
    from: 'callback',
    accounts: { account: '$.account_id' },
    prove: { call: { method: 'GET', url: '{api}/accounts/{account}' }, equals: '$.id', name: '$.name' },
  },
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        encoding: 'hex',
        header: { names: ['x-example-signature'] },
        signs: ['body'],
        key: { secret: 'webhook' },
      },
    ],
    split: ['$.events[*]'],
    shapes: [
      {
        name: 'event',
        when: '@.type',
        providerEvent: '@.type',
        id: '@.id',
        time: '@.created_at',
        resource: { type: '@.object.type', id: '@.object.id' },
        accounts: [{ kind: 'account', at: '@.account_id' }],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 10_000 },
    retries: [60, 300, 3600],
  },
  activation: {
    per: 'app',
    by: 'portal',
    steps: ['Developers > your app > Webhooks: enter {callback} as Webhook URL'],
  },
} satisfies ProviderDefinition
