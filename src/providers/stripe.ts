import type { ProviderDefinition } from '../core/definition.ts'

const endpoints = '{api}/v1/webhook_endpoints'
const platform = { bearer: '{secret.client}' }
const said = { of: '$.error.message' }

/** Objects whose list is named by their plural. */
const readable = (
  'charge coupon customer dispute invoice invoiceitem payment_intent payment_link payment_method payout plan price product ' +
  'quote refund review setup_intent subscription subscription_schedule topup transfer'
).split(' ')

/** https://docs.stripe.com/connect/webhooks and https://docs.stripe.com/connect/oauth-reference */
export const stripe = {
  id: 'stripe',
  name: 'Stripe Connect',
  company: 'Stripe',
  docs: {
    oauth: 'https://docs.stripe.com/connect/oauth-reference',
    webhooks: 'https://docs.stripe.com/connect/webhooks',
    portal: 'https://dashboard.stripe.com/settings/connect/onboarding-options/oauth',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'signatures made by the webhook helper of Stripe’s own Node package',
    uncertain: [
      'That an access token lives until the account is disconnected is from memory.',
      'Stripe names no number of seconds for the answer and no times for its tries: both are common practice.',
      'A path such as org_1/acct_1 in the context of a thin event is from memory: its last account counts.',
      'A live endpoint also receives test events of its accounts: the field livemode tells them apart.',
      'The button is called Add destination or Add endpoint, depending on the age of the Dashboard.',
      'How an account is disconnected (deauthorize with client_id and stripe_user_id) is from memory.',
      'That http://localhost is taken as redirect URI in test mode was read in older pages.',
      'The address of the page with the OAuth settings is from memory.',
      'How an endpoint is changed and deleted by the API, and the words of its refusals, are from memory.',
      'Thin events (v2) are not caught up: their list is another one.',
      'Which objects are read at the plural of their name is from memory; others are not fetched.',
      'How further pages of a list are asked for (whs api --all) is from memory.',
    ],
  },
  hosts: {
    production: { connect: 'https://connect.stripe.com', api: 'https://api.stripe.com' },
    sandbox: { connect: 'https://connect.stripe.com', api: 'https://api.stripe.com' },
  },
  portal: {
    clientId: { label: 'Client ID (ca_…)', where: 'Dashboard > Settings > Connect > Onboarding options > OAuth' },
    redirectUri: { label: 'Redirects', where: 'Dashboard > Settings > Connect > Onboarding options > OAuth' },
    callbackUrl: { label: 'Endpoint URL', where: 'Dashboard > Workbench > Webhooks > your destination' },
    events: [],
  },
  secrets: {
    client: {
      label: 'Secret key',
      where: 'Dashboard > Developers > API keys (sk_live_… or sk_test_…, of the same mode as the client ID)',
    },
    webhook: {
      label: 'Signing secret (whsec_…)',
      where: 'Dashboard > Workbench > Webhooks > your destination > Signing secret',
      later: true,
    },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{connect}/oauth/authorize',
    tokenUrl: '{connect}/oauth/token',
    scopes: ['read_only'],
    scopeSeparator: ' ',
    pkce: 'none',
    clientAuth: 'post',
    refresh: { kind: 'none' },
    accessSeconds: null,
    revoke: {
      call: {
        method: 'POST',
        url: '{connect}/oauth/deauthorize',
        auth: platform,
        body: { form: { client_id: '{clientId}', stripe_user_id: '{account}' } },
      },
    },
    redirect: { production: 'public', sandbox: 'loopback' },
  },
  accounts: [
    {
      kind: 'account',
      word: 'account',
      noun: 'connected account',
      normalise: 'text',
      pattern: '^acct_[A-Za-z0-9]{1,64}$',
      shape: 'acct_ and letters or digits',
      from: 'consent',
    },
  ],
  identity: { from: 'token', accounts: { account: '$.stripe_user_id' } },
  api: {
    auth: platform,
    headers: { 'Stripe-Account': '{account}' },
    body: 'form',
    page: {
      by: 'item',
      parameter: 'starting_after',
      items: '$.data[*]',
      at: '@.id',
      more: { at: '$.has_more', is: 'true' },
    },
  },
  lifecycle: [
    { events: ['account.application.deauthorized'], means: 'revoked', why: 'the account disconnected the app' },
  ],
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        encoding: 'hex',
        header: { names: ['stripe-signature'], list: { signature: 'v1', time: 't' } },
        signs: ['time', { text: '.' }, 'body'],
        key: { secret: 'webhook' },
        time: { at: 'list', unit: 's', toleranceSeconds: 300 },
      },
    ],
    split: ['$'],
    shapes: [
      {
        name: 'connect',
        when: { all: [{ at: '@.object', is: 'event' }, { exists: '@.account' }] },
        providerEvent: '@.type',
        id: '@.id',
        time: '@.created',
        resource: { type: '@.data.object.object', id: '@.data.object.id' },
        accounts: [{ kind: 'account', at: '@.account' }],
      },
      {
        name: 'thin',
        when: { all: [{ at: '@.object', is: 'v2.core.event' }, { exists: '@.context' }] },
        providerEvent: '@.type',
        id: '@.id',
        time: '@.created',
        resource: { type: '@.related_object.type', id: '@.related_object.id' },
        accounts: [
          {
            kind: 'account',
            at: { first: [{ capture: { of: '@.context', pattern: '(acct_[A-Za-z0-9]+)$' } }, '@.context'] },
          },
        ],
      },
      {
        name: 'platform',
        when: { at: '@.object', is: 'event' },
        scope: 'app',
        providerEvent: '@.type',
        id: '@.id',
        time: '@.created',
        resource: { type: '@.data.object.object', id: '@.data.object.id' },
        accounts: [],
      },
      {
        name: 'platform-thin',
        when: { at: '@.object', is: 'v2.core.event' },
        scope: 'app',
        providerEvent: '@.type',
        id: '@.id',
        time: '@.created',
        resource: { type: '@.related_object.type', id: '@.related_object.id' },
        accounts: [],
      },
    ],
    reply: { ok: 200, rejected: 400, withinMs: 10_000 },
    retries: [60, 300, 1800, 7200, 18_000, 36_000, 43_200],
  },
  activation: {
    per: 'app',
    by: 'either',
    steps: [
      'Dashboard > Workbench > Webhooks > Add destination',
      'Events from: Connected accounts; a destination for your own account brings nothing of a tenant',
      'Select the events you want (invoice.paid …), among them account.application.deauthorized: a tenant has left',
      'Destination type: Webhook endpoint; Endpoint URL: {callback}; then create it',
    ],
    api: {
      list: {
        call: { method: 'GET', url: `${endpoints}?limit=100`, auth: platform },
        items: '$.data[*]',
        where: { at: '@.status', is: 'enabled' },
        id: '@.id',
        url: '@.url',
      },
      create: {
        method: 'POST',
        url: endpoints,
        auth: platform,
        body: { form: { url: '{callback}', connect: 'true', 'enabled_events[0]': '*', description: 'whs' } },
      },
      made: { id: '$.id', secret: '$.secret' },
      move: {
        method: 'POST',
        url: `${endpoints}/{activation}`,
        auth: platform,
        body: { form: { url: '{callback}' } },
      },
      remove: { method: 'DELETE', url: `${endpoints}/{activation}`, auth: platform },
      refusals: [
        { status: 400, when: { exists: { capture: { ...said, pattern: '(the maximum)' } } }, means: 'quota' },
        { status: 400, when: { exists: { capture: { ...said, pattern: '(Invalid URL)' } } }, means: 'unreachable' },
      ],
    },
  },
  record: [
    {
      words: Object.fromEntries(readable.map(type => [type, `${type}s`])),
      call: { method: 'GET', url: '{api}/v1/{resource}/{resourceId}' },
      at: '$',
      gone: [{ status: 200, when: { at: '$.deleted', is: 'true' } }],
    },
    {
      words: { 'checkout.session': 'sessions' },
      call: { method: 'GET', url: '{api}/v1/checkout/{resource}/{resourceId}' },
      at: '$',
    },
  ],
  feeds: [
    {
      name: 'events',
      use: ['catch-up'],
      per: 'account',
      call: {
        method: 'GET',
        url: '{api}/v1/events?limit=100&created[gte]={since.s}',
        auth: platform,
        headers: { 'Stripe-Account': '{account}' },
        page: {
          by: 'item',
          parameter: 'starting_after',
          items: '$.data[*]',
          at: '@.id',
          more: { at: '$.has_more', is: 'true' },
        },
      },
      cursor: { time: { overlapSeconds: 60 } },
      split: ['$.data[*]'],
      shapes: [
        {
          name: 'event',
          when: { at: '@.object', is: 'event' },
          providerEvent: '@.type',
          id: '@.id',
          time: '@.created',
          resource: { type: '@.data.object.object', id: '@.data.object.id' },
          accounts: [],
        },
      ],
      same: 'id',
      newestFirst: true,
      maxDays: 30,
    },
  ],
} satisfies ProviderDefinition
