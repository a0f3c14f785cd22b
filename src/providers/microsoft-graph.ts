import type { ProviderDefinition } from '../core/definition.ts'

const guid = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
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
      'That a notification keeps its id over the retries is not published.',
      'The pauses between the retries, up to 4 hours, are not published.',
      'That the id in a resource of Users/… is the oid of the ID token is from memory; another one names nobody.',
    ],
  },
  hosts: { production: { login: 'https://login.microsoftonline.com', graph: 'https://graph.microsoft.com' } },
  settings: {
    directory: {
      label: 'Supported account types (common, organizations, consumers or a directory id)',
      where: 'Entra admin center > App registrations > your app > Authentication',
      default: 'common',
      pattern: '^(common|organizations|consumers|[0-9a-f-]{36})$',
    },
  },
  portal: {
    clientId: {
      label: 'Application (client) ID',
      where: 'Entra admin center > App registrations > your app > Overview',
    },
    redirectUri: {
      label: 'Redirect URIs (platform Web)',
      where: 'Entra admin center > App registrations > your app > Authentication',
    },
    callbackUrl: { label: 'notificationUrl', where: 'the request that creates a subscription; no page shows it' },
    events: [
      'API permissions > Add a permission > Microsoft Graph > Delegated: what your resources need, such as Mail.Read',
      'Every resource needs a subscription of its own, made with the tenant’s token; see "whs activations"',
    ],
  },
  secrets: {
    client: {
      label: 'Client secret (its value)',
      where: 'Entra admin center > App registrations > your app > Certificates & secrets',
    },
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
    {
      kind: 'directory',
      word: 'tenantId',
      noun: 'organization',
      normalise: 'lower',
      pattern: guid,
      from: 'consent',
    },
    { kind: 'user', word: 'user id', noun: 'user', normalise: 'lower', pattern: guid, from: 'consent' },
    {
      kind: 'subscription',
      word: 'subscriptionId',
      noun: 'subscription',
      normalise: 'lower',
      pattern: guid,
      from: 'activation',
    },
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
    days: 7,
    steps: [
      'POST https://graph.microsoft.com/v1.0/subscriptions with the tenant’s token and {"changeType": "created,updated", ' +
        '"notificationUrl": "{callback}", "lifecycleNotificationUrl": "{callback}", "resource": "/me/messages", ' +
        '"expirationDateTime": "<in 7 days at most>", "clientState": "<the secret>"}',
      'Keep "id" of the answer; Microsoft Graph calls the URL while it makes the subscription, so whs must be listening',
      'Before it expires: PATCH https://graph.microsoft.com/v1.0/subscriptions/<id> with a later expirationDateTime',
    ],
  },
  record: { call: { method: 'GET', url: '{graph}/v1.0/me/{resourceType}s/{resourceId}' }, at: '$' },
} satisfies ProviderDefinition
