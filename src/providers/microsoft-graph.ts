import type { ProviderDefinition } from '../core/definition.ts'

const subscriptions = '{graph}/v1.0/subscriptions'
/** What is made by the API. */
const subscription = {
  changeType: 'created,updated,deleted',
  notificationUrl: '{callback}',
  lifecycleNotificationUrl: '{callback}',
  resource: '{resource}',
  expirationDateTime: '{expires.iso}',
  clientState: '{secret}',
}
const later = { json: { expirationDateTime: '{expires.iso}' } }
const unreached = { capture: { of: '$.error.message', pattern: '(validation request)' } }
const tooMany = { capture: { of: '$.error.message', pattern: '(reached its limit)' } }
const entra = 'Entra admin center > App registrations > your app'
const guid = {
  normalise: 'lower',
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  shape: 'a UUID: 32 hex digits in groups of 8, 4, 4, 4 and 12',
} as const
/** `#Microsoft.Graph.Message` → `message` */
const resourceType = {
  map: {
    of: { capture: { of: "@.resourceData['@odata.type']", pattern: '([A-Za-z]+)$' } },
    words: { Message: 'message', Event: 'event', Contact: 'contact' },
  },
}
/** The subscription is exact; a directory may hold several tenants, so the user in the resource's path comes before it. */
const agree = [
  { kind: 'subscription', at: '@.subscriptionId' },
  { kind: 'user', at: { capture: { of: '@.resource', pattern: '^/?[Uu]sers/([0-9A-Fa-f-]{36})(?:@|/)' } } },
  { kind: 'directory', at: '@.tenantId' },
]

/** https://learn.microsoft.com/graph/change-notifications-delivery-webhooks */
export const microsoftGraph = {
  id: 'microsoft-graph',
  name: 'Microsoft Graph',
  company: 'Microsoft',
  docs: {
    oauth: 'https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow',
    webhooks: 'https://learn.microsoft.com/graph/change-notifications-delivery-webhooks',
    portal: 'https://entra.microsoft.com/',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'none: clientState is a plain token that comes back as it was given',
    uncertain: [
      'The claims tid and oid, the lifetimes of tokens and that http://localhost is taken are from memory.',
      'Notifications with resource data are proved by clientState alone: their validationTokens are not checked.',
      'That a notification keeps its id over the retries, and their pauses (up to 4 hours), are not published.',
      'That the id in a resource of Users/… is the oid of the ID token is from memory; another one names nobody.',
      'Mail and calendar may be watched for 10,080 minutes; 6 days are asked for, since clocks differ.',
    ],
  },
  hosts: { production: { login: 'https://login.microsoftonline.com', graph: 'https://graph.microsoft.com' } },
  settings: {
    directory: {
      label: 'Supported account types',
      where: `${entra} > Authentication`,
      default: 'common',
      pattern: '^(common|organizations|consumers|[0-9a-f-]{36})$',
      shape: 'common, organizations, consumers or a directory’s UUID',
    },
  },
  portal: {
    clientId: { label: 'Application (client) ID', where: `${entra} > Overview` },
    redirectUri: { label: 'Redirect URIs (platform Web)', where: `${entra} > Authentication` },
    callbackUrl: { label: 'notificationUrl', where: 'the request that creates a subscription; no page shows it' },
    events: [
      'API permissions > Add a permission > Microsoft Graph > Delegated: what your resources need, such as Mail.Read',
    ],
  },
  secrets: {
    client: { label: 'Client secret (its value)', where: `${entra} > Certificates & secrets` },
    webhook: {
      label: 'clientState',
      where: 'the request that creates a subscription; you choose it, at most 128 characters',
      optional: true,
    },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{login}/{setting.directory}/oauth2/v2.0/authorize',
    tokenUrl: '{login}/{setting.directory}/oauth2/v2.0/token',
    scopes: ['openid', 'profile', 'offline_access', 'User.Read', 'Mail.Read', 'Calendars.Read'],
    scopeSeparator: ' ',
    parameters: { response_mode: 'query' },
    pkce: 'S256',
    clientAuth: 'post',
    refresh: { kind: 'rotating' },
    accessSeconds: 3600,
    redirect: { production: 'loopback' },
  },
  accounts: [
    { kind: 'directory', word: 'tenantId', noun: 'organization', ...guid, from: 'consent' },
    { kind: 'user', word: 'user id', noun: 'user', ...guid, from: 'consent' },
    { kind: 'subscription', word: 'subscriptionId', noun: 'subscription', ...guid, from: 'activation' },
  ],
  identity: {
    from: 'id-token',
    accounts: {
      // All personal accounts share one directory: it names nobody.
      directory: { capture: { of: '$.tid', pattern: '^((?!9188040d-6c67-4c5b-b112-36a304b66dad)[0-9a-f-]{36})$' } },
      user: '$.oid',
    },
    name: { first: ['$.preferred_username', '$.email', '$.name'] },
  },
  api: { base: '{graph}', page: { by: 'url', at: "$['@odata.nextLink']" } },
  webhook: {
    methods: ['POST'],
    body: ['empty', 'json'],
    verify: [
      {
        scheme: 'token',
        at: '@.clientState',
        key: { secret: 'webhook', of: 'either', activation: '@.subscriptionId' },
      },
    ],
    handshakes: [
      {
        kind: 'validation-token',
        method: 'POST',
        when: [{ exists: { query: 'validationToken' } }],
        proof: 'none',
        reply: { status: 200, text: { query: 'validationToken' } },
      },
    ],
    split: ['$.value[*]'],
    shapes: [
      {
        name: 'lifecycle',
        when: '@.lifecycleEvent',
        providerEvent: '@.lifecycleEvent',
        events: {
          reauthorizationrequired: 'subscription.reauthorization_required',
          subscriptionremoved: 'subscription.deleted',
          missed: 'subscription.missed',
        },
        derived: ['@.subscriptionId', '@.lifecycleEvent', '@.subscriptionExpirationDateTime'],
        accounts: [{ agree }],
      },
      {
        name: 'change',
        when: '@.changeType',
        providerEvent: '@.changeType',
        event: { join: [resourceType, '@.changeType'], by: '.' },
        id: '@.id',
        derived: ['@.subscriptionId', '@.resource', '@.changeType'],
        resource: { type: resourceType, id: '@.resourceData.id' },
        accounts: [{ agree }],
      },
    ],
    alongside: ['$.validationTokens'],
    reply: { ok: 202, rejected: 401, withinMs: 3000 },
    retries: [10, 60, 300, 900, 3600],
  },
  activation: {
    per: 'resource',
    by: 'api',
    secret: 'chosen',
    kind: 'subscription',
    noun: 'resource',
    days: 6,
    steps: [
      'POST https://graph.microsoft.com/v1.0/subscriptions with notificationUrl and lifecycleNotificationUrl {callback}, as ' +
        '"whs activate" does with the tenant’s token; Microsoft Graph calls the URL before it answers',
    ],
    api: {
      resources: {
        all: [
          { id: 'me/messages', name: 'mail', usual: true, types: ['message'] },
          { id: 'me/events', name: 'calendar', usual: true, types: ['event'] },
        ],
      },
      list: {
        call: { method: 'GET', url: subscriptions, page: { by: 'url', at: "$['@odata.nextLink']" } },
        items: '$.value[*]',
        id: '@.id',
        url: '@.notificationUrl',
        resource: '@.resource',
        expires: { at: '@.expirationDateTime', unit: 'iso' },
      },
      create: { method: 'POST', url: subscriptions, body: { json: subscription } },
      made: { id: '$.id', expires: { at: '$.expirationDateTime', unit: 'iso' } },
      renew: {
        call: { method: 'PATCH', url: `${subscriptions}/{activation}`, body: later },
        expires: { at: '$.expirationDateTime', unit: 'iso' },
      },
      remove: { method: 'DELETE', url: `${subscriptions}/{activation}` },
      scopes: ['Mail.Read', 'Calendars.Read'],
      refusals: [
        { status: 400, when: { exists: unreached }, means: 'unreachable' },
        { status: 403, when: { exists: tooMany }, means: 'quota' },
      ],
    },
  },
  record: [
    {
      words: { message: 'messages', event: 'events', contact: 'contacts' },
      call: { method: 'GET', url: '{graph}/v1.0/me/{resource}/{resourceId}' },
      at: '$',
    },
  ],
} satisfies ProviderDefinition
