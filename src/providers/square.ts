import type { ProviderDefinition } from '../core/definition.ts'

const subscriptions = '{connect}/v2/webhooks/subscriptions'
const owner = { bearer: '{secret.accessToken}' }

/** How an event of a seller is read, wherever it stands. */
const event = {
  providerEvent: '@.type',
  id: '@.event_id',
  time: '@.created_at',
  resource: {
    type: {
      map: {
        of: '@.data.type',
        words: { order_created: 'order', order_updated: 'order', order_fulfillment_updated: 'order' },
      },
    },
    id: '@.data.id',
  },
  accounts: [{ kind: 'merchant', at: '@.merchant_id' }],
}

/** https://developer.squareup.com/docs/webhooks/overview and https://developer.squareup.com/docs/oauth-api/overview */
export const square = {
  id: 'square',
  name: 'Square',
  company: 'Square',
  docs: {
    oauth: 'https://developer.squareup.com/docs/oauth-api/overview',
    webhooks: 'https://developer.squareup.com/docs/webhooks/overview',
    portal: 'https://developer.squareup.com/apps',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'the vector in the tests of Square’s SDKs, and signatures that its Node SDK verifies',
    uncertain: [
      'Whether a redirect to http://localhost is taken is disputed: the public URL is used.',
      'PKCE replaces the secret at Square, so that an app with a secret does without it.',
      'The answer is wanted within 10 seconds, by one version of the pages.',
      'Tries go on for 24 hours (72 in an older copy) at growing gaps; the gaps here are a guess.',
      'The type of an order event’s object (order_updated and so on) is from memory: both forms are read.',
      'How a token is revoked (Authorization: Client and the secret) is from memory.',
      'oauth.authorization.revoked as the sign that a seller has left is from memory.',
      'That the list of subscriptions shows each one’s signature_key follows from the type of Square’s SDK.',
      'Events are found only once the Events API is enabled (PUT /v2/events/enable); the names of its filter are from memory.',
    ],
  },
  hosts: {
    production: { connect: 'https://connect.squareup.com' },
    sandbox: { connect: 'https://connect.squareupsandbox.com' },
  },
  portal: {
    clientId: { label: 'Application ID', where: 'Developer Console > your application > OAuth' },
    redirectUri: { label: 'Redirect URL', where: 'Developer Console > your application > OAuth' },
    callbackUrl: {
      label: 'Notification URL',
      where: 'Developer Console > your application > Webhooks > Subscriptions',
    },
    events: ['A seller’s events come only for the scopes that the seller granted'],
  },
  secrets: {
    client: { label: 'Application secret', where: 'Developer Console > your application > OAuth' },
    webhook: {
      label: 'Signature key',
      where: 'Developer Console > your application > Webhooks > Subscriptions > your subscription',
      later: true,
    },
    accessToken: {
      label: 'Access token',
      where: 'Developer Console > your application > Credentials; with it "whs activate" makes the subscription',
      optional: true,
      later: true,
    },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{connect}/oauth2/authorize',
    tokenUrl: '{connect}/oauth2/token',
    scopes: ['MERCHANT_PROFILE_READ', 'PAYMENTS_READ', 'ORDERS_READ', 'CUSTOMERS_READ', 'INVOICES_READ'],
    scopeSeparator: ' ',
    parameters: { session: 'false' },
    pkce: 'none',
    clientAuth: 'post',
    tokenBody: 'json',
    reply: { expiresAt: '$.expires_at', refreshExpiresAt: '$.refresh_token_expires_at' },
    refresh: { kind: 'stable' },
    accessSeconds: 2_592_000,
    revoke: {
      call: {
        method: 'POST',
        url: '{connect}/oauth2/revoke',
        auth: { header: 'Authorization', value: 'Client {secret.client}' },
        body: { json: { client_id: '{clientId}', access_token: '{token}' } },
      },
    },
    redirect: { production: 'public', sandbox: 'public' },
  },
  accounts: [
    {
      kind: 'merchant',
      word: 'merchant_id',
      noun: 'seller',
      normalise: 'text',
      pattern: '^[A-Za-z0-9_-]{1,64}$',
      shape: 'up to 64 letters, digits, - or _',
      from: 'consent',
    },
  ],
  identity: { from: 'token', accounts: { merchant: '$.merchant_id' } },
  api: { base: '{connect}', page: { by: 'cursor', parameter: 'cursor', at: '$.cursor' } },
  lifecycle: [
    { events: ['oauth.authorization.revoked'], means: 'revoked', why: 'the seller took the authorization back' },
  ],
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        encoding: 'base64',
        header: { names: ['x-square-hmacsha256-signature'] },
        signs: ['url', 'body'],
        key: { secret: 'webhook' },
      },
    ],
    split: ['$'],
    shapes: [
      {
        name: 'test',
        when: { at: '@.type', is: 'webhooks.test_notification' },
        scope: 'app',
        providerEvent: '@.type',
        id: '@.event_id',
        time: '@.created_at',
        resource: { type: '@.data.type', id: '@.data.id' },
        accounts: [],
      },
      {
        name: 'event',
        when: '@.type',
        ...event,
      },
    ],
    reply: { ok: 200, rejected: 403, withinMs: 10_000 },
    retries: [60, 120, 240, 480, 900, 1800, 3600, 7200, 14_400, 28_800],
  },
  activation: {
    per: 'app',
    by: 'either',
    steps: [
      'Developer Console > your application > Webhooks > Subscriptions > Add subscription',
      'Notification URL: {callback}, exactly as it stands here, since it is part of what is signed',
      'Select the events you want (payment.updated …), among them oauth.authorization.revoked: a seller has left; Save',
    ],
    api: {
      list: {
        call: {
          method: 'GET',
          url: `${subscriptions}?include_disabled=false`,
          auth: owner,
          page: { by: 'cursor', parameter: 'cursor', at: '$.cursor' },
        },
        items: '$.subscriptions[*]',
        where: { at: '@.enabled', is: 'true' },
        id: '@.id',
        url: '@.notification_url',
        secret: '@.signature_key',
      },
      create: {
        method: 'POST',
        url: subscriptions,
        auth: owner,
        body: {
          json: {
            idempotency_key: '{uuid}',
            subscription: {
              name: 'whs',
              event_types: [
                'payment.created',
                'payment.updated',
                'order.updated',
                'invoice.payment_made',
                'customer.created',
                'oauth.authorization.revoked',
              ],
              notification_url: '{callback}',
            },
          },
        },
      },
      made: { id: '$.subscription.id', secret: '$.subscription.signature_key' },
      move: {
        method: 'PUT',
        url: `${subscriptions}/{activation}`,
        auth: owner,
        body: { json: { subscription: { notification_url: '{callback}' } } },
      },
      remove: { method: 'DELETE', url: `${subscriptions}/{activation}`, auth: owner },
    },
  },
  record: [
    {
      words: { payment: 'payments', order: 'orders', customer: 'customers', invoice: 'invoices' },
      call: { method: 'GET', url: '{connect}/v2/{resource}/{resourceId}' },
      at: '$.{resourceType}',
    },
  ],
  feeds: [
    {
      name: 'events',
      use: ['catch-up'],
      per: 'app',
      call: {
        method: 'POST',
        url: '{connect}/v2/events',
        auth: owner,
        body: { json: { limit: 100, query: { filter: { created_at: { start_at: '{since.iso}' } } } } },
        page: { by: 'body', field: 'cursor', at: '$.cursor' },
      },
      cursor: { time: { overlapSeconds: 60 } },
      split: ['$.events[*]'],
      shapes: [{ name: 'found', when: '@.merchant_id', ...event }],
      same: 'id',
      maxDays: 28,
    },
  ],
} satisfies ProviderDefinition
