import type { ProviderDefinition } from '../core/definition.ts'

/** https://developers.hubspot.com/docs/api-reference/2026-03/webhooks/guide and …/auth-oauth-v3/guide there */
export const hubspot: ProviderDefinition = {
  id: 'hubspot',
  name: 'HubSpot',
  company: 'HubSpot',
  docs: {
    oauth: 'https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide',
    webhooks: 'https://developers.hubspot.com/docs/api-reference/2026-03/webhooks/guide',
    portal: 'https://app.hubspot.com/developer-overview',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'a vector in the tests of HubSpot’s Node client, and signatures that its class Signature makes',
    uncertain: [
      'The field names of the v3 token reply are disputed: those of RFC 6749 are read, the account comes from the API.',
      'PKCE is optional: code_verifier is documented for the token endpoint, not the challenge for the consent page.',
      'http://localhost as redirect URL and the lifetime of refresh tokens are from memory.',
      'Whether one delivery mixes accounts is not documented: deliveries are always split.',
      'The gaps between the 10 tries of 24 hours are not documented; those here are a guess.',
      'Revoking the refresh token leaves the app installed, from memory: events go on until it is uninstalled.',
      'Reading a record at /crm/v3/objects, and BAD_REFRESH_TOKEN for a dead refresh token, are from memory.',
      'That deliveries bring a v3 signature is second hand; where nothing of it is there, v1 or v2 counts.',
      'v1 and v2 sign no time, so that an old delivery of that kind could be sent again.',
      'An eventId is not unique, as HubSpot says itself: ids are derived from five fields.',
      'How further pages of a list are asked for (whs api --all) is from memory.',
      'Where a private app access token is made is from memory.',
    ],
  },
  hosts: { production: { app: 'https://app.hubspot.com', api: 'https://api.hubapi.com' } },
  portal: {
    clientId: { label: 'Client ID', where: 'Developer account > Apps > your app > Auth' },
    redirectUri: { label: 'Redirect URL', where: 'Developer account > Apps > your app > Auth' },
    callbackUrl: { label: 'Target URL', where: 'Developer account > Apps > your app > Webhooks' },
    events: [],
  },
  secrets: {
    client: { label: 'Client secret', where: 'Developer account > Apps > your app > Auth' },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{app}/oauth/authorize',
    tokenUrl: '{api}/oauth/v3/token',
    scopes: ['oauth', 'crm.objects.contacts.read', 'crm.objects.companies.read', 'crm.objects.deals.read'],
    scopeSeparator: ' ',
    pkce: 'S256',
    clientAuth: 'post',
    refresh: { kind: 'stable', refused: ['BAD_REFRESH_TOKEN'] },
    reply: { error: { first: ['$.error', '$.status'] } },
    accessSeconds: 1800,
    revoke: {
      call: { method: 'DELETE', url: '{api}/oauth/v1/refresh-tokens/{refreshToken}', auth: 'none' },
    },
    redirect: { production: 'loopback' },
  },
  credentials: {
    key: {
      label: 'Private app access token',
      where: 'HubSpot > Settings > Integrations > Private Apps > your app > Auth',
    },
  },
  accounts: [
    {
      kind: 'portal',
      word: 'portalId',
      noun: 'account',
      normalise: 'text',
      pattern: '^[0-9]{1,20}$',
      shape: 'up to 20 digits',
      from: 'consent',
    },
  ],
  identity: {
    from: { method: 'GET', url: '{api}/account-info/v3/details' },
    accounts: { portal: '$.portalId' },
  },
  api: { page: { by: 'cursor', parameter: 'after', at: '$.paging.next.after' } },
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        name: 'v3',
        hash: 'sha256',
        encoding: 'base64',
        header: { names: ['x-hubspot-signature-v3'] },
        signs: ['method', 'url', 'body', 'time'],
        key: { secret: 'client' },
        time: { at: { header: 'x-hubspot-request-timestamp' }, unit: 'ms', toleranceSeconds: 300 },
      },
      {
        scheme: 'hash',
        name: 'v2',
        when: {
          all: [
            { at: { header: 'x-hubspot-signature-version' }, is: 'v2' },
            { absent: { header: 'x-hubspot-request-timestamp' } },
          ],
        },
        hash: 'sha256',
        encoding: 'hex',
        header: { names: ['x-hubspot-signature'] },
        signs: ['secret', 'method', 'url', 'body'],
        key: { secret: 'client' },
      },
      {
        scheme: 'hash',
        name: 'v1',
        when: { absent: { header: 'x-hubspot-request-timestamp' } },
        hash: 'sha256',
        encoding: 'hex',
        header: { names: ['x-hubspot-signature'] },
        signs: ['secret', 'body'],
        key: { secret: 'client' },
      },
    ],
    split: ['$[*]'],
    shapes: [
      {
        name: 'object',
        when: '@.objectTypeId',
        providerEvent: { first: ['@.subscriptionType', '@.eventType'] },
        event: {
          join: [
            {
              map: {
                of: '@.objectTypeId',
                words: { '0-1': 'contact', '0-2': 'company', '0-3': 'deal', '0-5': 'ticket' },
              },
            },
            { part: { of: { first: ['@.subscriptionType', '@.eventType'] }, by: '.', from: 1 } },
          ],
          by: '.',
        },
        events: {
          'contact.propertychange': 'contact.updated',
          'company.propertychange': 'company.updated',
          'deal.propertychange': 'deal.updated',
          'ticket.propertychange': 'ticket.updated',
        },
        derived: ['@.portalId', '@.subscriptionType', '@.objectId', '@.eventId', '@.occurredAt'],
        time: '@.occurredAt',
        resource: {
          type: {
            map: {
              of: '@.objectTypeId',
              words: { '0-1': 'contact', '0-2': 'company', '0-3': 'deal', '0-5': 'ticket' },
            },
          },
          id: { first: ['@.objectId', '@.fromObjectId'] },
        },
        accounts: [{ kind: 'portal', at: '@.portalId' }],
      },
      {
        name: 'event',
        when: { exists: { first: ['@.subscriptionType', '@.eventType'] } },
        providerEvent: { first: ['@.subscriptionType', '@.eventType'] },
        events: {
          'contact.propertychange': 'contact.updated',
          'company.propertychange': 'company.updated',
          'deal.propertychange': 'deal.updated',
          'ticket.propertychange': 'ticket.updated',
          'product.propertychange': 'product.updated',
          'line_item.propertychange': 'line_item.updated',
        },
        derived: ['@.portalId', '@.subscriptionType', '@.objectId', '@.eventId', '@.occurredAt'],
        time: '@.occurredAt',
        resource: {
          type: { part: { of: { first: ['@.subscriptionType', '@.eventType'] }, by: '.', from: 0, to: 1 } },
          id: { first: ['@.objectId', '@.fromObjectId'] },
        },
        accounts: [{ kind: 'portal', at: '@.portalId' }],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 5000 },
    retries: [60, 300, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600],
  },
  activation: {
    per: 'app',
    by: 'portal',
    steps: [
      'Developer account > Apps > your app > Webhooks: enter {callback} as Target URL and save (it may take 5 minutes)',
      'Create subscription for each object and event you want, then activate it: new ones start paused',
      'A project app says it in src/app/webhooks/*-hsmeta.json (targetUrl), deployed with HubSpot’s CLI',
      'Every account that installs the app is subscribed by itself',
    ],
  },
  record: [
    {
      words: { contact: 'contacts', company: 'companies', deal: 'deals', ticket: 'tickets' },
      call: { method: 'GET', url: '{api}/crm/v3/objects/{resource}/{resourceId}' },
      at: '$',
    },
  ],
}
