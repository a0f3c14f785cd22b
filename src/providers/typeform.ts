import type { ProviderDefinition } from '../core/definition.ts'

/** What is made by the API. */
const hook = {
  url: '{callback}',
  enabled: true,
  secret: '{secret}',
  verify_ssl: true,
  event_types: { form_response: true },
}

/** https://www.typeform.com/developers/webhooks/ and …/webhooks/secure-your-webhooks/ */
export const typeform = {
  id: 'typeform',
  name: 'Typeform',
  company: 'Typeform',
  docs: {
    oauth: 'https://www.typeform.com/developers/get-started/applications/',
    webhooks: 'https://www.typeform.com/developers/webhooks/',
    portal: 'https://admin.typeform.com/',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: "Python's hmac, the same digest by OpenSSL",
    uncertain: [
      'An account in the European data centre has hosts and OAuth clients of its own (api.typeform.eu).',
      'The names of the scopes but offline, and the lifetime of a week, are from memory.',
      'That a refresh answers with a new refresh token is from memory.',
      'That event_id stays the same over the retries of one event is from memory.',
      'That plain http://localhost is taken as redirect URI is from memory.',
      'The user_id in the answer of /me is from memory.',
      'The address of the page Developer apps is not known: docs.portal is the home of the account.',
      'That a public form is shown to anybody is from memory: whose it is, the list of its webhooks says.',
      'The list of forms with its page_count, and that a tag may hold whs- and a UUID, are from memory.',
      'Where a personal token is made is from memory.',
    ],
  },
  hosts: { production: { api: 'https://api.typeform.com' } },
  portal: {
    clientId: { label: 'Client ID', where: 'Typeform > your account > Developer apps > your app' },
    redirectUri: { label: 'Redirect URI(s)', where: 'Typeform > your account > Developer apps > your app' },
    callbackUrl: { label: 'Endpoint', where: 'Typeform > your form > Connect > Webhooks' },
    events: [],
  },
  secrets: {
    client: { label: 'Client secret', where: 'Typeform > your account > Developer apps > your app (shown once)' },
    webhook: { label: 'Secret', where: 'Typeform > your form > Connect > Webhooks > Edit', later: true },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{api}/oauth/authorize',
    tokenUrl: '{api}/oauth/token',
    scopes: ['offline', 'accounts:read', 'forms:read', 'webhooks:read', 'webhooks:write', 'responses:read'],
    scopeSeparator: ' ',
    pkce: 'none',
    clientAuth: 'post',
    refresh: { kind: 'rotating' },
    accessSeconds: 604_800,
    redirect: { production: 'loopback' },
  },
  credentials: { key: { label: 'Personal token', where: 'Typeform > your account > Personal tokens' } },
  accounts: [
    {
      kind: 'user',
      word: 'user_id',
      noun: 'Typeform account',
      normalise: 'text',
      pattern: '^[A-Za-z0-9_-]{1,64}$',
      shape: 'up to 64 letters, digits, - or _',
      from: 'consent',
    },
    {
      kind: 'form',
      word: 'form_id',
      noun: 'form',
      normalise: 'text',
      pattern: '^[A-Za-z0-9_-]{1,64}$',
      shape: 'up to 64 letters, digits, - or _',
      from: 'activation',
    },
  ],
  identity: {
    from: { method: 'GET', url: '{api}/me' },
    accounts: { user: '$.user_id' },
    name: '$.alias',
  },
  api: { page: { by: 'number', parameter: 'page', pages: '$.page_count' } },
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        encoding: 'base64',
        header: { names: ['typeform-signature'], prefix: 'sha256=' },
        signs: ['body'],
        key: { secret: 'webhook', of: 'either', activation: '$.form_response.form_id' },
      },
    ],
    split: ['$'],
    shapes: [
      {
        name: 'response',
        when: '@.form_response',
        providerEvent: '@.event_type',
        id: '@.event_id',
        time: '@.form_response.submitted_at',
        resource: { type: { text: 'response' }, id: '@.form_response.token' },
        accounts: [{ kind: 'form', at: '@.form_response.form_id' }],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 30_000 },
    retries: [300, 600, 1200, 3600, 7200, 10_800, 14_400],
  },
  activation: {
    per: 'resource',
    by: 'either',
    secret: 'chosen',
    kind: 'form',
    noun: 'form',
    steps: [
      'Open each form whose responses you want, then Connect > Webhooks > Add a webhook',
      'Endpoint: {callback}',
      'Edit the webhook, put the secret into "Secret" and save',
      'Turn the webhook on; "Send test request" sends a response of this form',
    ],
    api: {
      resources: {
        call: {
          method: 'GET',
          url: '{api}/forms?page_size=200',
          page: { by: 'number', parameter: 'page', pages: '$.page_count' },
        },
        items: '$.items[*]',
        id: '@.id',
        name: '@.title',
      },
      list: {
        call: { method: 'GET', url: '{api}/forms/{resource}/webhooks' },
        items: '$.items[*]',
        where: { at: '@.enabled', is: 'true' },
        id: '@.form_id',
        url: '@.url',
        keep: { tag: '@.tag' },
      },
      create: { method: 'PUT', url: '{api}/forms/{resource}/webhooks/whs-{uuid}', body: { json: hook } },
      made: { id: { chosen: '{resource}' }, keep: { tag: '$.tag' } },
      move: { method: 'PUT', url: '{api}/forms/{resource}/webhooks/{tag}', body: { json: hook } },
      remove: { method: 'DELETE', url: '{api}/forms/{resource}/webhooks/{tag}' },
      scopes: ['forms:read', 'webhooks:read', 'webhooks:write'],
    },
  },
  resolve: [
    {
      name: 'form',
      from: '@.form_response.form_id',
      as: 'tenant',
      call: { method: 'GET', url: '{api}/forms/{value}/webhooks' },
    },
  ],
  record: [
    {
      words: { response: 'responses' },
      call: { method: 'GET', url: '{api}/forms/{account.form}/{resource}?included_response_ids={resourceId}' },
      at: '$.items[0]',
      gone: [{ status: 200, when: { empty: '$.items' } }],
    },
  ],
} satisfies ProviderDefinition
