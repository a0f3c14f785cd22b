import type { ProviderDefinition } from '../core/definition.ts'

/** https://developer.calendly.com/docs/api-guides (webhook signatures), https://developer.calendly.com/scopes */
export const calendly: ProviderDefinition = {
  id: 'calendly',
  name: 'Calendly',
  company: 'Calendly',
  docs: {
    oauth: 'https://developer.calendly.com/creating-an-oauth-app',
    webhooks: 'https://developer.calendly.com/api-docs/overview/examples/webhooks',
    portal: 'https://developer.calendly.com/console/apps',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'npm stripe 23.1.0, whose header has the same layout',
    uncertain: [
      'Whether Calendly honours a signing_key of your own for an OAuth app is disputed: the key of the app passes too.',
      'That the token endpoint takes the client by Basic as well as in the body is from memory.',
      'That a token can be revoked at /oauth/revoke is from memory.',
      'That a failing subscription is retried for 24 hours and then disabled is from memory; so is the time-out.',
      'The address of the page My Apps is from memory.',
      'Which scope each event of a subscription needs is not said: those of its data are asked for.',
      'That a user of the organization is found at /users/<id> is from memory.',
      'The addresses of one no-show and one routing form submission are from memory.',
      'Where a personal access token is made is from memory.',
    ],
  },
  hosts: {
    production: { auth: 'https://auth.calendly.com', api: 'https://api.calendly.com' },
    sandbox: { auth: 'https://auth.calendly.com', api: 'https://api.calendly.com' },
  },
  portal: {
    clientId: { label: 'Client ID', where: 'developer.calendly.com > My Apps > your app' },
    redirectUri: { label: 'Redirect URI', where: 'developer.calendly.com > My Apps > your app' },
    callbackUrl: { label: 'url', where: 'POST https://api.calendly.com/webhook_subscriptions (there is no page)' },
    events: [],
  },
  secrets: {
    client: { label: 'Client secret', where: 'developer.calendly.com > My Apps > your app (shown once)' },
    webhook: {
      label: 'Webhook signing key (shown once)',
      where: 'developer.calendly.com > My Apps > your app',
    },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{auth}/oauth/authorize',
    tokenUrl: '{auth}/oauth/token',
    scopes: ['users:read', 'webhooks:read', 'webhooks:write', 'scheduled_events:read', 'routing_forms:read'],
    scopeSeparator: ' ',
    pkce: 'S256',
    clientAuth: 'basic',
    refresh: { kind: 'rotating' },
    accessSeconds: 7200,
    revoke: { url: '{auth}/oauth/revoke', body: 'form', field: 'token' },
    redirect: { production: 'public', sandbox: 'loopback' },
  },
  credentials: {
    key: { label: 'Personal access token', where: 'Calendly > Integrations > API & webhooks > Personal access tokens' },
  },
  accounts: [
    {
      kind: 'user',
      word: 'user URI',
      noun: 'user',
      normalise: 'text',
      pattern: '^https://api\\.calendly\\.com/users/[A-Za-z0-9_-]{1,64}$',
      shape: 'https://api.calendly.com/users/<id>',
      from: 'consent',
    },
    {
      kind: 'organization',
      word: 'organization URI',
      noun: 'organization',
      normalise: 'text',
      pattern: '^https://api\\.calendly\\.com/organizations/[A-Za-z0-9_-]{1,64}$',
      shape: 'https://api.calendly.com/organizations/<id>',
      from: 'consent',
    },
  ],
  identity: {
    from: { method: 'GET', url: '{api}/users/me' },
    accounts: { user: '$.resource.uri', organization: '$.resource.current_organization' },
    name: '$.resource.name',
  },
  api: { page: { by: 'url', at: '$.pagination.next_page' } },
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        encoding: 'hex',
        header: { names: ['calendly-webhook-signature'], list: { signature: 'v1', time: 't' } },
        signs: ['time', { text: '.' }, 'body'],
        key: { secret: 'webhook', of: 'either' },
        time: { at: 'list', unit: 's', toleranceSeconds: 180 },
      },
    ],
    split: ['$'],
    shapes: [
      {
        name: 'event',
        when: '@.created_by',
        providerEvent: '@.event',
        derived: ['@.event', '@.payload.uri', '@.created_at'],
        time: '@.created_at',
        resource: { type: { part: { of: '@.event', by: '.', from: 0, to: 1 } }, id: '@.payload.uri' },
        accounts: [{ kind: 'user', at: '@.created_by' }],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 10_000 },
    retries: [60, 300, 1800, 7200],
  },
  activation: {
    per: 'tenant',
    by: 'api',
    secret: 'chosen',
    noun: 'webhook subscription',
    steps: [
      'POST https://api.calendly.com/webhook_subscriptions with url {callback}, as "whs activate" does with the ' +
        'tenant’s token; with scope "user" and its user URI where the tenant is no owner or administrator',
    ],
    api: {
      list: {
        call: {
          method: 'GET',
          url: '{api}/webhook_subscriptions?organization={account.organization}&scope=organization&count=100',
          page: { by: 'url', at: '$.pagination.next_page' },
        },
        items: '$.collection[*]',
        where: { at: '@.state', is: 'active' },
        id: { capture: { of: '@.uri', pattern: '/([A-Za-z0-9_-]+)$' } },
        url: '@.callback_url',
      },
      create: {
        method: 'POST',
        url: '{api}/webhook_subscriptions',
        body: {
          json: {
            url: '{callback}',
            events: [
              'invitee.created',
              'invitee.canceled',
              'invitee_no_show.created',
              'routing_form_submission.created',
            ],
            organization: '{account.organization}',
            scope: 'organization',
            signing_key: '{secret}',
          },
        },
      },
      made: { id: { capture: { of: '$.resource.uri', pattern: '/([A-Za-z0-9_-]+)$' } } },
      remove: { method: 'DELETE', url: '{api}/webhook_subscriptions/{activation}' },
      scopes: ['webhooks:read', 'webhooks:write', 'scheduled_events:read', 'routing_forms:read'],
      refusals: [
        {
          status: 403,
          when: { exists: { capture: { of: '$.message', pattern: '([Uu]pgrade)' } } },
          means: 'plan',
        },
      ],
    },
  },
  // Of hooks for a whole organization only who made them is named.
  resolve: [
    {
      name: 'user',
      from: { capture: { of: '@.created_by', pattern: '/users/([A-Za-z0-9_-]{1,64})$' } },
      as: 'tenant',
      call: { method: 'GET', url: '{api}/users/{value}' },
      account: { kind: 'organization', at: '$.resource.current_organization' },
    },
  ],
  record: [
    {
      words: { invitee: 'invitees' },
      slots: {
        meeting: { capture: { of: '@.payload.uri', pattern: '/scheduled_events/([A-Za-z0-9_-]+)/' } },
        invitee: { capture: { of: '@.payload.uri', pattern: '/invitees/([A-Za-z0-9_-]+)$' } },
      },
      call: { method: 'GET', url: '{api}/scheduled_events/{meeting}/{resource}/{invitee}' },
      at: '$.resource',
    },
    {
      words: { invitee_no_show: 'invitee_no_shows', routing_form_submission: 'routing_form_submissions' },
      slots: { own: { capture: { of: '@.payload.uri', pattern: '/([A-Za-z0-9_-]+)$' } } },
      call: { method: 'GET', url: '{api}/{resource}/{own}' },
      at: '$.resource',
    },
  ],
}
