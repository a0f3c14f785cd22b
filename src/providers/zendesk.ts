import type { ProviderDefinition } from '../core/definition.ts'

const webhooks = '{api}/api/v2/webhooks'
/** What is made by the API. */
const hook = {
  name: 'whs',
  endpoint: '{callback}',
  http_method: 'POST',
  request_format: 'json',
  status: 'active',
  subscriptions: ['ticket.created', 'ticket.status_changed', 'ticket.comment_added', 'user.created'].map(
    event => `zen:event-type:${event}`,
  ),
}
const ofWebhook = { kind: 'webhook', at: { header: 'x-zendesk-webhook-id' } }
const accountHeader = { header: 'x-zendesk-account-id' }

/** https://developer.zendesk.com/documentation/webhooks/anatomy-of-a-webhook-request and …/webhooks/verifying */
export const zendesk = {
  id: 'zendesk',
  name: 'Zendesk',
  company: 'Zendesk',
  docs: {
    oauth: 'https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens',
    webhooks: 'https://developer.zendesk.com/documentation/webhooks/anatomy-of-a-webhook-request',
    portal: 'https://www.zendesk.com/login/',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: "Zendesk's published secret for test webhooks, signed with Python's hmac and OpenSSL",
    uncertain: [
      'An OAuth client works only in the Zendesk account that made it, unless Zendesk grants a global OAuth client.',
      'Redirect URLs on http://localhost are said to be taken; all others must be https.',
      'Whether a retried delivery carries the time of its first or of its own attempt is not said.',
      'How many seconds lie between retries, and the time-out of about 10 s, come from second hand.',
      'The test of a webhook that is not saved yet is signed with a published secret, so it is refused.',
      'The Admin Center, where an OAuth client is made, has an address of each account’s own: one signs in first.',
      'How further pages of a list are asked for (whs api --all) is from memory.',
    ],
  },
  hosts: { production: { api: 'https://{subdomain}.zendesk.com' } },
  ask: [
    {
      name: 'subdomain',
      label: 'subdomain',
      example: 'acme',
      pattern: '[a-z0-9][a-z0-9-]{0,62}',
      suffix: '.zendesk.com',
    },
  ],
  portal: {
    clientId: { label: 'Unique identifier', where: 'Admin Center > Apps and integrations > APIs > OAuth clients' },
    redirectUri: { label: 'Redirect URLs', where: 'Admin Center > Apps and integrations > APIs > OAuth clients' },
    callbackUrl: { label: 'Endpoint URL', where: 'Admin Center > Apps and integrations > Webhooks > Create webhook' },
    events: [],
  },
  secrets: {
    client: { label: 'Secret', where: 'Admin Center > Apps and integrations > APIs > OAuth clients' },
    webhook: {
      label: 'Signing secret',
      where: 'Admin Center > Apps and integrations > Webhooks > your webhook > Reveal secret',
      later: true,
    },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{api}/oauth/authorizations/new',
    tokenUrl: '{api}/oauth/tokens',
    scopes: ['read', 'webhooks:write'],
    scopeSeparator: ' ',
    pkce: 'S256',
    clientAuth: 'post',
    tokenBody: 'json',
    tokenParameters: { scope: 'read webhooks:write' },
    refresh: { kind: 'rotating' },
    accessSeconds: null,
    revoke: { call: { method: 'DELETE', url: '{api}/api/v2/oauth/tokens/current.json' } },
    redirect: { production: 'loopback' },
  },
  accounts: [
    {
      kind: 'subdomain',
      word: 'subdomain',
      noun: 'Zendesk account',
      normalise: 'lower',
      pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
      shape: 'small letters, digits or -, as in <subdomain>.zendesk.com',
      from: 'consent',
    },
    {
      kind: 'webhook',
      word: 'webhook id',
      noun: 'webhook',
      normalise: 'text',
      pattern: '^[A-Za-z0-9_-]{1,64}$',
      shape: 'up to 64 letters, digits, - or _',
      from: 'activation',
    },
    {
      kind: 'account',
      word: 'account_id',
      noun: 'Zendesk account',
      normalise: 'text',
      pattern: '^[0-9]{1,20}$',
      shape: 'up to 20 digits',
      from: 'delivery',
    },
  ],
  identity: {
    from: 'ask',
    accounts: { subdomain: '$.subdomain' },
    name: '$.subdomain',
    prove: { call: { method: 'GET', url: '{api}/api/v2/users/me.json' } },
  },
  api: { page: { by: 'url', at: '$.next_page' } },
  webhook: {
    methods: ['POST', 'PUT', 'PATCH', 'DELETE'],
    body: ['empty', 'json', 'form'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        encoding: 'base64',
        header: { names: ['x-zendesk-webhook-signature'] },
        signs: ['time', 'body'],
        key: { secret: 'webhook', of: 'activation', activation: { header: 'x-zendesk-webhook-id' } },
        time: { at: { header: 'x-zendesk-webhook-signature-timestamp' }, unit: 'iso', toleranceSeconds: 300 },
      },
    ],
    split: ['$'],
    shapes: [
      {
        name: 'event',
        when: '@.zendesk_event_version',
        providerEvent: '@.type',
        event: { part: { of: '@.type', by: ':', from: 2 } },
        id: '@.id',
        time: '@.time',
        resource: {
          type: { part: { of: '@.subject', by: ':', from: 1, to: 2 } },
          id: { first: ['@.detail.id', { part: { of: '@.subject', by: ':', from: 2 } }] },
        },
        accounts: [{ agree: [ofWebhook, { kind: 'account', at: { first: ['@.account_id', accountHeader] } }] }],
      },
      {
        name: 'trigger',
        when: { exists: { header: 'x-zendesk-webhook-id' } },
        providerEvent: { text: 'conditional_ticket_events' },
        derived: [{ header: 'x-zendesk-webhook-id' }, { header: 'x-zendesk-webhook-invocation-id' }],
        time: { header: 'x-zendesk-webhook-signature-timestamp' },
        accounts: [{ agree: [ofWebhook, { kind: 'account', at: accountHeader }] }],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 10_000 },
    retries: [60],
  },
  activation: {
    per: 'tenant',
    by: 'either',
    secret: 'given',
    kind: 'webhook',
    noun: 'webhook',
    steps: [
      'In the Admin Center of the tenant: Apps and integrations > Webhooks > Create webhook',
      'Choose "Zendesk events" and tick the events, or "Trigger or automation" and make a trigger that notifies it',
      'Endpoint URL: {callback}; Request method: POST, Request format: JSON, Authentication: none',
      'Press "Create webhook": a test of an unsaved webhook is signed otherwise',
      'Give whs the id of the webhook (it stands in the address of its page) and its "Signing secret"',
      'Only then "Test webhook" can succeed',
    ],
    api: {
      list: {
        call: { method: 'GET', url: `${webhooks}?filter%5Bname_contains%5D=whs&page%5Bsize%5D=100` },
        items: '$.webhooks[*]',
        where: { at: '@.status', is: 'active' },
        id: '@.id',
        url: '@.endpoint',
      },
      create: { method: 'POST', url: webhooks, body: { json: { webhook: hook } } },
      made: {
        id: '$.webhook.id',
        secretBy: {
          call: { method: 'GET', url: `${webhooks}/{activation}/signing_secret` },
          at: '$.signing_secret.secret',
        },
      },
      move: {
        method: 'PATCH',
        url: `${webhooks}/{activation}`,
        body: { json: { webhook: { endpoint: '{callback}' } } },
      },
      remove: { method: 'DELETE', url: `${webhooks}/{activation}` },
      scopes: ['read', 'webhooks:write'],
    },
  },
  record: [
    {
      words: { ticket: 'tickets', user: 'users', organization: 'organizations' },
      call: { method: 'GET', url: '{api}/api/v2/{resource}/{resourceId}.json' },
      at: '$.{resourceType}',
    },
  ],
} satisfies ProviderDefinition
