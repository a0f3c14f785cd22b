import type { ProviderDefinition } from '../core/definition.ts'

/** https://www.typeform.com/developers/webhooks/ and …/webhooks/secure-your-webhooks/ */
export const typeform = {
  id: 'typeform',
  name: 'Typeform',
  company: 'Typeform',
  docs: {
    oauth: 'https://www.typeform.com/developers/get-started/applications/',
    webhooks: 'https://www.typeform.com/developers/webhooks/',
    portal: 'https://www.typeform.com/developers/webhooks/secure-your-webhooks/',
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
    ],
  },
  hosts: { production: { api: 'https://api.typeform.com' } },
  portal: {
    clientId: { label: 'Client ID', where: 'Typeform > your account > Developer apps > your app' },
    redirectUri: { label: 'Redirect URI(s)', where: 'Typeform > your account > Developer apps > your app' },
    callbackUrl: { label: 'Endpoint', where: 'Typeform > your form > Connect > Webhooks' },
    events: ['Every form has webhooks of its own: add one to each form whose responses you want'],
  },
  secrets: {
    client: { label: 'Client secret (shown once)', where: 'Typeform > your account > Developer apps > your app' },
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
  accounts: [
    {
      kind: 'user',
      word: 'user_id',
      noun: 'Typeform account',
      normalise: 'text',
      pattern: '^[A-Za-z0-9_-]{1,64}$',
      from: 'consent',
    },
    {
      kind: 'form',
      word: 'form_id',
      noun: 'form',
      normalise: 'text',
      pattern: '^[A-Za-z0-9_-]{1,64}$',
      from: 'activation',
    },
  ],
  identity: {
    from: { method: 'GET', url: '{api}/me' },
    accounts: { user: '$.user_id' },
    name: '$.alias',
  },
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
      'Open the form, then Connect > Webhooks > Add a webhook',
      'Endpoint: {callback}',
      'Edit the webhook, put the secret into "Secret" and save',
      'Turn the webhook on; "Send test request" sends a response of this form',
      'By the API: PUT /forms/<form_id>/webhooks/<tag> with url, enabled, secret, verify_ssl and event_types',
    ],
  },
  record: {
    call: { method: 'GET', url: '{api}/forms/{account.form}/responses?included_response_ids={resourceId}' },
    at: '$.items[0]',
  },
} satisfies ProviderDefinition
