import type { ProviderDefinition } from '../core/definition.ts'

/** https://developers.notion.com/reference/webhooks */
export const notion = {
  id: 'notion',
  name: 'Notion',
  company: 'Notion',
  docs: {
    oauth: 'https://developers.notion.com/docs/authorization',
    webhooks: 'https://developers.notion.com/reference/webhooks',
    portal: 'https://app.notion.com/developers/connections',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'signWebhookPayload of npm @notionhq/client 5.26.0',
    uncertain: [
      'That http://localhost is taken as a redirect URI is from memory.',
      'How fast an answer must come, and the pauses between the eight tries over a day, are not published.',
      'Several connections of one workspace get the same events here: that accessible_by names the bot is from memory.',
      'That single comments, views and file uploads are read at the plural of their type is from memory.',
      'How further pages of a list are asked for (whs api --all) is from memory.',
    ],
  },
  hosts: { production: { api: 'https://api.notion.com' } },
  portal: {
    clientId: { label: 'OAuth client ID', where: 'Developers > Connections > your connection > Configuration' },
    redirectUri: { label: 'Redirect URIs', where: 'Developers > Connections > your connection > Configuration' },
    callbackUrl: {
      label: 'Webhook URL',
      where: 'Developers > Connections > your connection > Webhooks > Create a subscription',
    },
    events: [
      'Developers > Connections > your connection > Webhooks: press "Verify" and paste the verification token',
      'The URL cannot be changed later: delete the subscription and create another one',
    ],
  },
  secrets: {
    client: { label: 'OAuth client secret', where: 'Developers > Connections > your connection > Configuration' },
    webhook: {
      label: 'Verification token',
      where: 'sent to the webhook URL when the subscription is created',
      later: true,
    },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{api}/v1/oauth/authorize',
    tokenUrl: '{api}/v1/oauth/token',
    scopes: [],
    scopeSeparator: ' ',
    leaveOut: ['scope'],
    parameters: { owner: 'user' },
    pkce: 'none',
    clientAuth: 'basic',
    tokenBody: 'json',
    refresh: { kind: 'rotating' },
    accessSeconds: null,
    revoke: { url: '{api}/v1/oauth/revoke', body: 'json', field: 'token', token: 'access' },
    redirect: { production: 'loopback' },
  },
  accounts: [
    {
      kind: 'workspace',
      word: 'workspace_id',
      noun: 'workspace',
      normalise: 'lower',
      pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
      shape: 'a UUID: 32 hex digits in groups of 8, 4, 4, 4 and 12',
      from: 'consent',
    },
  ],
  identity: { from: 'token', accounts: { workspace: '$.workspace_id' }, name: '$.workspace_name' },
  api: {
    headers: { 'Notion-Version': '2025-09-03' },
    page: { by: 'cursor', parameter: 'start_cursor', at: '$.next_cursor' },
  },
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        header: { names: ['x-notion-signature'], prefix: 'sha256=' },
        encoding: 'hex',
        signs: ['body'],
        key: { secret: 'webhook' },
      },
    ],
    handshakes: [
      {
        kind: 'verification-token',
        method: 'POST',
        when: ['$.verification_token', { absent: '$.type' }],
        proof: 'none',
        brings: { secret: 'webhook', of: 'app', at: '$.verification_token' },
        reply: { status: 200 },
      },
    ],
    split: ['$'],
    shapes: [
      {
        name: 'event',
        when: '@.type',
        providerEvent: '@.type',
        id: '@.id',
        time: '@.timestamp',
        resource: { type: '@.entity.type', id: '@.entity.id' },
        accounts: [{ kind: 'workspace', at: '@.workspace_id' }],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 10_000 },
    retries: [60, 300, 1800, 3600, 10_800, 21_600, 43_200],
  },
  activation: {
    per: 'app',
    by: 'portal',
    steps: [
      'Open Developers > Connections > your connection > Webhooks and press "Create a subscription"',
      'Webhook URL: {callback}; tick the events you want',
      'Press "Create subscription" while whs is listening: Notion sends a verification token to the URL',
    ],
  },
  record: [
    {
      words: {
        page: 'pages',
        database: 'databases',
        data_source: 'data_sources',
        comment: 'comments',
        file_upload: 'file_uploads',
      },
      call: {
        method: 'GET',
        url: '{api}/v1/{resource}/{resourceId}',
        headers: { 'Notion-Version': '2025-09-03' },
      },
      at: '$',
      gone: [{ status: 200, when: { at: '$.in_trash', is: 'true' } }],
    },
  ],
} satisfies ProviderDefinition
