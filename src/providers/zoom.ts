import type { ProviderDefinition } from '../core/definition.ts'

/** https://developers.zoom.us/docs/api/webhooks/ */
export const zoom = {
  id: 'zoom',
  name: 'Zoom',
  company: 'Zoom',
  docs: {
    oauth: 'https://developers.zoom.us/docs/integrations/oauth/',
    webhooks: 'https://developers.zoom.us/docs/api/webhooks/',
    portal: 'https://marketplace.zoom.us/develop/apps',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'HMAC of Python, checked by the receiver of npm @zoom/rivet 0.4.0',
    uncertain: [
      'The scopes are those of the app: whether a scope parameter is split by blanks or commas is from memory, so none is sent.',
      'That GET /v2/users/me gives account_id is known from third parties.',
      'The regional api_url of the token reply is from memory and is not used.',
      'Whether a retry carries a new timestamp is not published; an old one is rejected after 5 minutes.',
      'The fields of app_deauthorized are partly from memory.',
      'The plural of the event’s first word is taken as the API’s path: right for meetings, webinars and users.',
      'How further pages of a list are asked for (whs api --all) is from memory.',
    ],
  },
  hosts: { production: { zoom: 'https://zoom.us', api: 'https://api.zoom.us' } },
  portal: {
    clientId: { label: 'Client ID', where: 'Zoom App Marketplace > Manage > your app > Basic Information' },
    redirectUri: {
      label: 'OAuth Redirect URL',
      where: 'Zoom App Marketplace > Manage > your app > Basic Information, also in the OAuth Allow Lists',
    },
    callbackUrl: {
      label: 'Event notification endpoint URL',
      where: 'Zoom App Marketplace > Manage > your app > Features > Access > Event Subscription',
    },
    events: ['Scopes: add user:read:user (without it the account cannot be known) and those of your events'],
  },
  secrets: {
    client: { label: 'Client Secret', where: 'Zoom App Marketplace > Manage > your app > Basic Information' },
    webhook: { label: 'Secret Token', where: 'Zoom App Marketplace > Manage > your app > Features > Access' },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{zoom}/oauth/authorize',
    tokenUrl: '{zoom}/oauth/token',
    scopes: [],
    scopeSeparator: ' ',
    leaveOut: ['scope'],
    pkce: 'S256',
    clientAuth: 'basic',
    refresh: { kind: 'rotating', seconds: 7_776_000 },
    accessSeconds: 3600,
    revoke: { url: '{zoom}/oauth/revoke', body: 'form', field: 'token', token: 'access' },
    redirect: { production: 'public' },
  },
  accounts: [
    {
      kind: 'account',
      word: 'account_id',
      noun: 'account',
      normalise: 'text',
      pattern: '^[A-Za-z0-9_-]{1,64}$',
      shape: 'up to 64 letters, digits, - or _',
      from: 'consent',
    },
    {
      kind: 'user',
      word: 'user id',
      noun: 'user',
      normalise: 'text',
      pattern: '^[A-Za-z0-9_-]{1,64}$',
      shape: 'up to 64 letters, digits, - or _',
      from: 'consent',
    },
  ],
  identity: {
    from: { method: 'GET', url: '{api}/v2/users/me' },
    accounts: { account: '$.account_id', user: '$.id' },
    name: { first: ['$.display_name', '$.email'] },
  },
  api: { page: { by: 'cursor', parameter: 'next_page_token', at: '$.next_page_token' } },
  lifecycle: [{ events: ['app_deauthorized'], means: 'revoked', why: 'the user removed the app' }],
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        header: { names: ['x-zm-signature'], prefix: 'v0=' },
        encoding: 'hex',
        signs: [{ text: 'v0:' }, 'time', { text: ':' }, 'body'],
        key: { secret: 'webhook' },
        time: { at: { header: 'x-zm-request-timestamp' }, unit: 's', toleranceSeconds: 300 },
      },
    ],
    handshakes: [
      {
        kind: 'url-validation',
        method: 'POST',
        when: [{ at: '$.event', is: 'endpoint.url_validation' }],
        proof: 'signature',
        reply: {
          status: 200,
          json: {
            plainToken: '$.payload.plainToken',
            encryptedToken: {
              hmac: { of: '$.payload.plainToken', secret: 'webhook', pattern: '^[A-Za-z0-9_=+/-]{1,128}$' },
            },
          },
        },
      },
    ],
    split: ['$'],
    shapes: [
      {
        name: 'deauthorized',
        when: { at: '@.event', is: 'app_deauthorized' },
        providerEvent: '@.event',
        events: { app_deauthorized: 'app.deauthorized' },
        derived: ['@.event', '@.event_ts', '@.payload.account_id', '@.payload.user_id'],
        time: '@.event_ts',
        accounts: [
          {
            agree: [
              { kind: 'user', at: '@.payload.user_id' },
              { kind: 'account', at: '@.payload.account_id' },
            ],
          },
        ],
      },
      {
        name: 'event',
        when: { all: ['@.event', '@.payload.account_id'] },
        providerEvent: '@.event',
        derived: ['@.event', '@.event_ts', '@.payload.account_id', '@.payload.object.id', '@.payload.object.uuid'],
        time: '@.event_ts',
        resource: {
          type: {
            map: { of: { part: { of: '@.event', by: '.', from: 0, to: 1 } }, words: { recording: 'meeting' } },
          },
          id: '@.payload.object.id',
        },
        accounts: [
          {
            agree: [
              { kind: 'user', at: { first: ['@.payload.object.host_id', '@.payload.operator_id'] } },
              { kind: 'account', at: '@.payload.account_id' },
            ],
          },
        ],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 3000 },
    retries: [300, 1200, 3600],
  },
  activation: {
    per: 'app',
    by: 'portal',
    steps: [
      'Open Manage > your app > Features > Access, switch "Event Subscription" on and press "Add New Event Subscription"',
      'Event notification endpoint URL: {callback}; press "Validate" while whs is listening',
      'Press "Add Events", tick the events you want, and save',
    ],
  },
  record: [
    {
      words: { meeting: 'meetings', webinar: 'webinars', user: 'users' },
      call: { method: 'GET', url: '{api}/v2/{resource}/{resourceId}' },
      at: '$',
    },
  ],
} satisfies ProviderDefinition
