import type { ProviderDefinition } from '../core/definition.ts'

/** How an event is read, wherever it stands. */
const event = {
  providerEvent: { template: '{@.resource_type}.{@.action}' },
  id: '@.id',
  time: '@.created_at',
  resource: {
    type: '@.resource_type',
    id: {
      first: [
        '@.links.refund',
        '@.links.subscription',
        '@.links.billing_request',
        '@.links.instalment_schedule',
        '@.links.payment',
        '@.links.payout',
        '@.links.mandate',
        '@.links.customer',
        '@.links.creditor',
        '@.links.organisation',
      ],
    },
  },
}

/** https://developer.gocardless.com/getting-started/partners/staying-up-to-date-with-webhooks/ */
export const gocardless = {
  id: 'gocardless',
  name: 'GoCardless',
  company: 'GoCardless',
  docs: {
    oauth: 'https://developer.gocardless.com/partners/connecting-your-users',
    webhooks: 'https://developer.gocardless.com/getting-started/partners/staying-up-to-date-with-webhooks/',
    portal: 'https://manage.gocardless.com/developers/partners',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'the vector in the tests of GoCardless’s Node package, and signatures that the package verifies',
    uncertain: [
      'Status 498 as the answer to a wrong signature is from memory.',
      'That a token lives until it is revoked, and that the sandbox takes http://localhost, are from memory.',
      'The first three gaps between tries (1, 2 and 10 minutes) were read; the later ones are a guess.',
      'Which link of an event is the changed thing is told by an order of the links’ names, from memory.',
      'Disconnecting by the API is from memory: it is done in the Dashboard.',
      'organisations.disconnected as the sign that a merchant has left is from memory.',
      'An event that names no organisation is taken as the partner’s own.',
      'That events are listed newest first is from memory; how far back they reach is not said.',
      'How further pages of a list are asked for (whs api --all) is from memory.',
    ],
  },
  hosts: {
    production: { connect: 'https://connect.gocardless.com', api: 'https://api.gocardless.com' },
    sandbox: { connect: 'https://connect-sandbox.gocardless.com', api: 'https://api-sandbox.gocardless.com' },
  },
  portal: {
    clientId: { label: 'Client ID', where: 'Dashboard > Developers > Partners > your partner app' },
    redirectUri: { label: 'Redirect URLs', where: 'Dashboard > Developers > Partners > your partner app' },
    callbackUrl: { label: 'Webhook URL', where: 'Dashboard > Developers > Partners > your partner app' },
    events: [],
  },
  secrets: {
    client: { label: 'Client secret', where: 'Dashboard > Developers > Partners > your partner app' },
    webhook: {
      label: 'Webhook secret',
      where: 'Dashboard > Developers > Partners > your partner app',
      later: true,
    },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{connect}/oauth/authorize',
    tokenUrl: '{connect}/oauth/access_token',
    scopes: ['read_only'],
    scopeSeparator: ' ',
    pkce: 'none',
    clientAuth: 'post',
    refresh: { kind: 'none' },
    accessSeconds: null,
    redirect: { production: 'public', sandbox: 'loopback' },
  },
  accounts: [
    {
      kind: 'organisation',
      word: 'organisation_id',
      noun: 'merchant',
      normalise: 'text',
      pattern: '^OR[A-Za-z0-9]{1,62}$',
      shape: 'OR and letters or digits',
      from: 'consent',
    },
  ],
  identity: { from: 'token', accounts: { organisation: '$.organisation_id' } },
  api: {
    headers: { 'GoCardless-Version': '2015-07-06' },
    page: { by: 'cursor', parameter: 'after', at: '$.meta.cursors.after' },
  },
  lifecycle: [{ events: ['organisations.disconnected'], means: 'revoked', why: 'the merchant disconnected the app' }],
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        encoding: 'hex',
        header: { names: ['webhook-signature'] },
        signs: ['body'],
        key: { secret: 'webhook' },
      },
    ],
    split: ['$.events[*]'],
    shapes: [
      {
        name: 'event',
        when: { all: ['@.resource_type', { exists: '@.links.organisation' }] },
        ...event,
        accounts: [{ kind: 'organisation', at: '@.links.organisation' }],
      },
      {
        name: 'own',
        when: '@.resource_type',
        scope: 'app',
        ...event,
        accounts: [],
      },
    ],
    reply: { ok: 200, rejected: 498, withinMs: 10_000 },
    retries: [60, 120, 600, 1800, 3600, 7200, 14_400, 28_800],
  },
  activation: {
    per: 'app',
    by: 'portal',
    steps: [
      'Dashboard > Developers > Partners > your partner app: enter {callback} as Webhook URL and save',
      'Nothing is to be chosen: this one URL gets all activity of all connected merchants',
      'Endpoints under Developers > Webhook endpoints are another thing: their events name no organisation',
    ],
  },
  record: [
    {
      words: {
        payments: 'payments',
        mandates: 'mandates',
        refunds: 'refunds',
        payouts: 'payouts',
        subscriptions: 'subscriptions',
        customers: 'customers',
        creditors: 'creditors',
        billing_requests: 'billing_requests',
        instalment_schedules: 'instalment_schedules',
      },
      call: {
        method: 'GET',
        url: '{api}/{resource}/{resourceId}',
        headers: { 'GoCardless-Version': '2015-07-06' },
      },
      at: '$.{resource}',
    },
  ],
  feeds: [
    {
      name: 'events',
      use: ['catch-up'],
      per: 'account',
      call: {
        method: 'GET',
        url: '{api}/events?created_at[gte]={since.iso}&limit=500',
        headers: { 'GoCardless-Version': '2015-07-06' },
        page: { by: 'cursor', parameter: 'after', at: '$.meta.cursors.after' },
      },
      cursor: { time: { overlapSeconds: 60 } },
      split: ['$.events[*]'],
      shapes: [{ name: 'listed', when: '@.resource_type', ...event, accounts: [] }],
      same: 'id',
      newestFirst: true,
    },
  ],
} satisfies ProviderDefinition
