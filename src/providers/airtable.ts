import type { ProviderDefinition } from '../core/definition.ts'

/** https://airtable.com/developers/web/api/webhooks-overview */
export const airtable = {
  id: 'airtable',
  name: 'Airtable',
  company: 'Airtable',
  docs: {
    oauth: 'https://airtable.com/developers/web/api/oauth-reference',
    webhooks: 'https://airtable.com/developers/web/api/webhooks-overview',
    portal: 'https://airtable.com/create/oauth',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'HMAC with the decoded secret by Python and OpenSSL',
    uncertain: [
      'The lifetime of an access token (60 minutes) and that refresh tokens rotate are third-party knowledge.',
      'The offset by which further bases are asked for is from memory.',
      'The 13 pauses from 10 seconds to about 11 hours are third-party knowledge.',
      'A notification says nothing of what changed and may be spurious: it is called base.changed here.',
      'TOO_MANY_WEBHOOKS_… as the refusal of a third webhook of one integration in a base is from memory.',
      'That a base may be asked 5 times a second is from memory.',
      'Where a personal access token is made is from memory.',
    ],
  },
  hosts: { production: { web: 'https://airtable.com', api: 'https://api.airtable.com' } },
  portal: {
    clientId: { label: 'Client ID', where: 'Builder hub > OAuth integrations > your integration' },
    redirectUri: { label: 'OAuth redirect URL', where: 'Builder hub > OAuth integrations > your integration' },
    callbackUrl: { label: 'notificationUrl', where: 'the request that creates a webhook; no page shows it' },
    events: ['Scopes of the integration: webhook:manage, data.records:read and schema.bases:read'],
  },
  secrets: {
    client: { label: 'Client secret', where: 'Builder hub > OAuth integrations > your integration' },
    webhook: {
      label: 'macSecretBase64',
      where: 'the answer to the request that created the webhook; it is given once',
      later: true,
    },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{web}/oauth2/v1/authorize',
    tokenUrl: '{web}/oauth2/v1/token',
    scopes: ['webhook:manage', 'data.records:read', 'schema.bases:read'],
    scopeSeparator: ' ',
    pkce: 'S256',
    clientAuth: 'basic',
    reply: { refreshExpiresIn: '$.refresh_expires_in' },
    refresh: { kind: 'rotating' },
    accessSeconds: 3600,
    redirect: { production: 'loopback' },
  },
  credentials: {
    key: {
      label: 'Personal access token',
      where: 'airtable.com/create/tokens, with access to the bases and the scopes of the app',
    },
  },
  accounts: [
    {
      kind: 'base',
      word: 'base id',
      noun: 'base',
      normalise: 'text',
      pattern: '^app[A-Za-z0-9]{3,40}$',
      shape: 'app and letters or digits',
      from: 'consent',
    },
    {
      kind: 'webhook',
      word: 'webhook id',
      noun: 'webhook',
      normalise: 'text',
      pattern: '^ach[A-Za-z0-9]{3,40}$',
      shape: 'ach and letters or digits',
      from: 'activation',
    },
  ],
  identity: {
    from: {
      method: 'GET',
      url: '{api}/v0/meta/bases',
      page: { by: 'cursor', parameter: 'offset', at: '$.offset' },
    },
    items: '$.bases[*]',
    accounts: { base: '@.id' },
    name: '@.name',
  },
  api: { page: { by: 'cursor', parameter: 'offset', at: '$.offset' }, limits: { calls: 5, seconds: 1 } },
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        header: { names: ['x-airtable-content-mac'], prefix: 'hmac-sha256=' },
        encoding: 'hex',
        signs: ['body'],
        key: { secret: 'webhook', of: 'activation', as: 'base64', activation: '$.webhook.id' },
      },
    ],
    split: ['$'],
    shapes: [
      {
        name: 'ping',
        when: '@.webhook.id',
        providerEvent: { text: 'base.changed' },
        derived: ['@.webhook.id', '@.timestamp'],
        time: '@.timestamp',
        feed: 'payloads',
        accounts: [
          {
            agree: [
              { kind: 'webhook', at: '@.webhook.id' },
              { kind: 'base', at: '@.base.id' },
            ],
          },
        ],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 25_000 },
    retries: [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10_240, 20_480, 40_960],
  },
  activation: {
    per: 'resource',
    by: 'api',
    secret: 'given',
    kind: 'webhook',
    noun: 'base',
    days: 7,
    steps: [
      'POST https://api.airtable.com/v0/bases/<base id>/webhooks with notificationUrl {callback}, as "whs activate" does ' +
        'with the token of a creator of the base; its answer gives the secret once, and it ends after 7 days',
    ],
    api: {
      resources: {
        call: {
          method: 'GET',
          url: '{api}/v0/meta/bases',
          page: { by: 'cursor', parameter: 'offset', at: '$.offset' },
        },
        items: '$.bases[*]',
        id: '@.id',
        name: '@.name',
        usual: '@.id',
      },
      list: {
        call: { method: 'GET', url: '{api}/v0/bases/{resource}/webhooks' },
        items: '$.webhooks[*]',
        where: { at: '@.areNotificationsEnabled', is: 'true' },
        id: '@.id',
        url: '@.notificationUrl',
        expires: { at: '@.expirationTime', unit: 'iso' },
      },
      create: {
        method: 'POST',
        url: '{api}/v0/bases/{resource}/webhooks',
        body: {
          json: {
            notificationUrl: '{callback}',
            specification: { options: { filters: { dataTypes: ['tableData'] } } },
          },
        },
      },
      made: { id: '$.id', secret: '$.macSecretBase64', expires: { at: '$.expirationTime', unit: 'iso' } },
      renew: {
        call: { method: 'POST', url: '{api}/v0/bases/{resource}/webhooks/{activation}/refresh' },
        expires: { at: '$.expirationTime', unit: 'iso' },
      },
      remove: { method: 'DELETE', url: '{api}/v0/bases/{resource}/webhooks/{activation}' },
      scopes: ['webhook:manage', 'data.records:read', 'schema.bases:read'],
      refusals: [
        {
          status: [400, 403, 422],
          when: { exists: { capture: { of: '$.error.type', pattern: '^(TOO_MANY_WEBHOOKS)' } } },
          means: 'quota',
        },
      ],
    },
  },
  feeds: [
    {
      name: 'payloads',
      use: ['follow-up', 'catch-up'],
      per: 'activation',
      account: 'base',
      call: {
        method: 'GET',
        url: '{api}/v0/bases/{resource}/webhooks/{activation}/payloads?cursor={cursor}&limit=50',
      },
      cursor: { at: '$.cursor', more: { at: '$.mightHaveMore', is: 'true' }, start: { text: '1' } },
      split: ['$.payloads[*]'],
      shapes: [
        {
          name: 'payload',
          when: '@.baseTransactionNumber',
          providerEvent: { text: 'records.changed' },
          derived: ['@.timestamp', '@.baseTransactionNumber'],
          time: '@.timestamp',
          accounts: [],
        },
      ],
      same: 'cursor',
      maxDays: 7,
    },
  ],
} satisfies ProviderDefinition
