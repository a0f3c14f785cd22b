import type { ProviderDefinition } from '../core/definition.ts'

/** https://pipedrive.readme.io/docs/guide-for-webhooks-v2 */
export const pipedrive = {
  id: 'pipedrive',
  name: 'Pipedrive',
  company: 'Pipedrive',
  docs: {
    oauth: 'https://pipedrive.readme.io/docs/marketplace-oauth-authorization',
    webhooks: 'https://pipedrive.readme.io/docs/guide-for-webhooks-v2',
    portal: 'https://pipedrive.readme.io/docs/marketplace-registering-the-app',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: "Python's base64 (HTTP Basic has no signature)",
    uncertain: [
      'The names of the fields in the form for a new webhook are from memory; those of the API call are not.',
      'That plain http://localhost is taken as Callback URL is from memory.',
      'Whether meta.id stays the same over the retries of one event is not said outright.',
    ],
  },
  hosts: {
    production: {
      oauth: 'https://oauth.pipedrive.com',
      api: 'https://{domain}.pipedrive.com',
    },
  },
  portal: {
    clientId: { label: 'Client ID', where: 'Developer Hub > your app > OAuth & access scopes' },
    redirectUri: { label: 'Callback URL', where: 'Developer Hub > your app > OAuth & access scopes' },
    callbackUrl: { label: 'Endpoint URL', where: 'Pipedrive > Settings > Tools and apps > Webhooks' },
    events: [
      'Developer Hub > your app > OAuth & access scopes: tick the scopes, among them "Administer account"',
      'Every tenant has a webhook of its own, with a user name and password that you choose',
    ],
  },
  secrets: {
    client: { label: 'Client secret', where: 'Developer Hub > your app > OAuth & access scopes' },
    webhook: {
      label: 'HTTP Auth username and HTTP Auth password, as user:password',
      where: 'Pipedrive > Settings > Tools and apps > Webhooks',
      later: true,
    },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{oauth}/oauth/authorize',
    tokenUrl: '{oauth}/oauth/token',
    scopes: [],
    scopeSeparator: ' ',
    leaveOut: ['response_type', 'scope'],
    pkce: 'none',
    clientAuth: 'basic',
    refresh: { kind: 'stable' },
    reply: {
      learn: { domain: { capture: { of: '$.api_domain', pattern: '^https://([a-z0-9-]+)\\.pipedrive\\.com' } } },
    },
    accessSeconds: 3600,
    revoke: { url: '{oauth}/oauth/revoke', body: 'form', field: 'token', token: 'refresh' },
    redirect: { production: 'loopback' },
    denied: ['user_denied'],
  },
  accounts: [
    {
      kind: 'company',
      word: 'company_id',
      noun: 'company',
      normalise: 'text',
      pattern: '^[0-9]{1,20}$',
      from: 'consent',
    },
  ],
  identity: {
    from: { method: 'GET', url: '{api}/api/v1/users/me' },
    accounts: { company: '$.data.company_id' },
    name: '$.data.company_name',
  },
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [{ scheme: 'basic', key: { secret: 'webhook', of: 'activation' } }],
    split: ['$'],
    shapes: [
      {
        name: 'v2',
        when: '@.meta.entity',
        providerEvent: { template: '{@.meta.entity}.{@.meta.action}' },
        id: '@.meta.id',
        time: '@.meta.timestamp',
        resource: { type: '@.meta.entity', id: '@.meta.entity_id' },
        accounts: [{ kind: 'company', at: '@.meta.company_id' }],
      },
      {
        name: 'v1',
        when: '@.meta.object',
        providerEvent: '@.event',
        event: { template: '{@.meta.object}.{@.meta.action}' },
        derived: ['@.event', '@.meta.company_id', '@.meta.id', '@.meta.timestamp_micro', '@.meta.timestamp'],
        time: '@.meta.timestamp',
        resource: { type: '@.meta.object', id: '@.meta.id' },
        accounts: [{ kind: 'company', at: '@.meta.company_id' }],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 10_000 },
    retries: [3, 30, 150],
  },
  activation: {
    per: 'tenant',
    by: 'either',
    secret: 'chosen',
    noun: 'webhook',
    steps: [
      'In the Pipedrive of the tenant: Settings > Tools and apps > Webhooks > Create new webhook',
      'Event action: *, Event object: * (or the ones you want), Version: 2.0',
      'Endpoint URL: {callback}',
      'HTTP Auth username and HTTP Auth password: what stands before and behind the colon of the secret',
      'By the API the same fields are subscription_url, event_action, event_object, version, http_auth_user and ' +
        'http_auth_password of POST /api/v1/webhooks; the app needs the admin scope',
    ],
  },
  record: {
    call: { method: 'GET', url: '{api}/api/v1/{resource}/{resourceId}' },
    at: '$.data',
    words: {
      deal: 'deals',
      person: 'persons',
      organization: 'organizations',
      activity: 'activities',
      lead: 'leads',
      note: 'notes',
      product: 'products',
    },
  },
} satisfies ProviderDefinition
