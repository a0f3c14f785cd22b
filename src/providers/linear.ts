import type { ProviderDefinition } from '../core/definition.ts'
import type { RecordRead } from '../core/record-definition.ts'

/** How a thing is read: its own query, and the fields that people look for. */
function readBy(type: string, word: string, fields: string): RecordRead {
  const query = `query($id: String!) { ${word}(id: $id) { id createdAt updatedAt ${fields} } }`
  return {
    words: { [type]: word },
    call: {
      method: 'POST',
      url: '{api}/graphql',
      body: { json: { query, variables: { id: '{resourceId}' } } },
      failedWhen: '$.errors',
    },
    at: '$.data.{resource}',
    gone: [
      {
        status: [200, 400],
        when: { exists: { capture: { of: '$.errors[0].message', pattern: '^(Entity not found)' } } },
      },
    ],
  }
}

/** https://linear.app/developers/webhooks */
export const linear = {
  id: 'linear',
  name: 'Linear',
  company: 'Linear',
  docs: {
    oauth: 'https://linear.app/developers/oauth-2-0-authentication',
    webhooks: 'https://linear.app/developers/webhooks',
    portal: 'https://linear.app/settings/api',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'signatures that LinearWebhookClient of @linear/sdk 98.0.0 accepts',
    uncertain: [
      'That PKCE is taken is from memory',
      'The address that revokes a token is from memory',
      'That http://localhost is accepted as redirect is from memory',
      'Whether Linear-Delivery stays the same over retries is not said: if it does not, a repeat is not found',
      'Access tokens of 24 hours are third-party knowledge; the reply says how long',
      'That continued failure switches a webhook off is from memory',
      'The fields of issues, comments and projects, and how the API says that one is gone, are from memory',
    ],
  },
  hosts: { production: { web: 'https://linear.app', api: 'https://api.linear.app' } },
  portal: {
    clientId: { label: 'Client ID', where: 'Settings > API > Applications > your app' },
    redirectUri: { label: 'Callback URLs', where: 'Settings > API > Applications > your app' },
    callbackUrl: { label: 'Webhook URL', where: 'Settings > API > Applications > your app > Webhooks' },
    events: [],
  },
  secrets: {
    client: { label: 'Client secret', where: 'Settings > API > Applications > your app' },
    webhook: {
      label: 'Webhook signing secret',
      where: 'Settings > API > Applications > your app > Webhooks',
      later: true,
    },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{web}/oauth/authorize',
    tokenUrl: '{api}/oauth/token',
    scopes: ['read'],
    scopeSeparator: ',',
    parameters: { prompt: 'consent' },
    pkce: 'S256',
    clientAuth: 'post',
    refresh: { kind: 'rotating' },
    accessSeconds: 86_400,
    revoke: { url: '{api}/oauth/revoke', body: 'form', field: 'token' },
    redirect: { production: 'loopback' },
  },
  accounts: [
    {
      kind: 'organization',
      word: 'organizationId',
      noun: 'workspace',
      normalise: 'lower',
      pattern: '^[0-9a-f-]{36}$',
      shape: 'a UUID: 32 hex digits in groups of 8, 4, 4, 4 and 12',
      from: 'consent',
    },
  ],
  identity: {
    from: {
      method: 'POST',
      url: '{api}/graphql',
      body: { json: { query: 'query { organization { id urlKey name } }' } },
      failedWhen: '$.errors',
    },
    accounts: { organization: '$.data.organization.id' },
    name: '$.data.organization.name',
  },
  api: { failedWhen: '$.errors' },
  lifecycle: [{ events: ['OAuthApp.revoked'], means: 'revoked', why: 'the workspace removed the app' }],
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        encoding: 'hex',
        header: { names: ['linear-signature'] },
        signs: ['body'],
        key: { secret: 'webhook' },
        time: { at: '$.webhookTimestamp', unit: 'ms', toleranceSeconds: 60 },
      },
    ],
    split: ['$'],
    shapes: [
      {
        name: 'data',
        when: '@.data.id',
        providerEvent: { template: '{@.type}.{@.action}' },
        id: { header: 'linear-delivery' },
        time: '@.createdAt',
        resource: { type: '@.type', id: '@.data.id' },
        accounts: [{ kind: 'organization', at: '@.organizationId' }],
      },
      {
        name: 'notice',
        when: { all: ['@.type', '@.action'] },
        providerEvent: { template: '{@.type}.{@.action}' },
        id: { header: 'linear-delivery' },
        time: '@.createdAt',
        resource: { type: '@.type', id: { first: ['@.agentSession.id', '@.notification.id', '@.oauthClientId'] } },
        accounts: [{ kind: 'organization', at: '@.organizationId' }],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 5000 },
    retries: [60, 3600, 21_600],
  },
  activation: {
    per: 'app',
    by: 'portal',
    steps: [
      'Settings > API > Applications > your app: switch Webhooks on, enter {callback} as Webhook URL',
      'Tick the event types you want (Issues, Comments, Projects …) and save; each workspace that consents sends by itself',
    ],
  },
  record: [
    readBy('Issue', 'issue', 'identifier title description priority url state { name } team { key } assignee { name }'),
    readBy('Comment', 'comment', 'body url issue { identifier } user { name }'),
    readBy('Project', 'project', 'name description url state'),
  ],
} satisfies ProviderDefinition
