import type { ProviderDefinition } from '../core/definition.ts'

/** https://developers.intercom.com/docs/webhooks/webhook-notifications */
export const intercom = {
  id: 'intercom',
  name: 'Intercom',
  company: 'Intercom',
  docs: {
    oauth: 'https://developers.intercom.com/building-apps/docs/setting-up-oauth',
    webhooks: 'https://developers.intercom.com/docs/webhooks/webhook-notifications',
    portal: 'https://app.intercom.com/a/apps/_/developer-hub',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'npm x-hub-signature 2.1.3',
    uncertain: [
      'A workspace in Europe or Australia has hosts of its own (app.eu.intercom.com and api.eu.intercom.io, or au).',
      'That the token endpoint ignores grant_type and redirect_uri is seen in public code, not said by Intercom.',
      'That PKCE is not taken is from memory.',
      'That Intercom probes the endpoint with HEAD is from memory; any HEAD is answered 200.',
      'How long after a failed delivery the next one comes is not said.',
      'The reading API version 2.14 is from memory.',
    ],
  },
  hosts: { production: { app: 'https://app.intercom.com', api: 'https://api.intercom.io' } },
  portal: {
    clientId: { label: 'Client ID', where: 'Developer Hub > your app > Configure > Basic information' },
    redirectUri: { label: 'Redirect URLs', where: 'Developer Hub > your app > Configure > Authentication' },
    callbackUrl: { label: 'Endpoint URL', where: 'Developer Hub > your app > Configure > Webhooks' },
    events: [
      'Configure > Authentication: tick the permissions, among them "Read admins"',
      'Configure > Webhooks: choose the topics and save; Intercom sends a signed ping at once',
    ],
  },
  secrets: { client: { label: 'Client secret', where: 'Developer Hub > your app > Configure > Basic information' } },
  oauth: {
    kind: 'code',
    authorizeUrl: '{app}/oauth',
    tokenUrl: '{api}/auth/eagle/token',
    scopes: [],
    scopeSeparator: ' ',
    leaveOut: ['response_type', 'scope'],
    pkce: 'none',
    clientAuth: 'post',
    refresh: { kind: 'none' },
    accessSeconds: null,
    revoke: { call: { method: 'POST', url: '{api}/auth/uninstall' } },
    redirect: { production: 'public' },
  },
  accounts: [
    {
      kind: 'workspace',
      word: 'app_id',
      noun: 'workspace',
      normalise: 'text',
      pattern: '^[A-Za-z0-9_-]{1,64}$',
      from: 'consent',
    },
  ],
  identity: {
    from: { method: 'GET', url: '{api}/me', headers: { 'Intercom-Version': '2.14' } },
    accounts: { workspace: '$.app.id_code' },
    name: '$.app.name',
  },
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha1',
        encoding: 'hex',
        header: { names: ['x-hub-signature'], prefix: 'sha1=' },
        signs: ['body'],
        key: { secret: 'client', of: 'app' },
      },
    ],
    handshakes: [{ kind: 'probe', method: 'HEAD', proof: 'none', reply: { status: 200 } }],
    split: ['$'],
    shapes: [
      {
        name: 'ping',
        when: { at: '@.topic', is: 'ping' },
        scope: 'app',
        providerEvent: '@.topic',
        id: '@.id',
        derived: ['@.topic', '@.app_id', '@.created_at'],
        time: '@.created_at',
        accounts: [],
      },
      {
        name: 'notification',
        when: '@.topic',
        providerEvent: '@.topic',
        id: '@.id',
        derived: ['@.topic', '@.app_id', '@.data.item.id', '@.created_at'],
        time: '@.created_at',
        resource: { type: '@.data.item.type', id: '@.data.item.id' },
        accounts: [{ kind: 'workspace', at: '@.app_id' }],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 5000 },
    retries: [60],
  },
  activation: {
    per: 'app',
    by: 'portal',
    steps: [
      'Developer Hub > your app > Configure > Webhooks',
      'Endpoint URL: {callback}',
      'Choose the topics, then save: every workspace that installed the app sends to this URL',
    ],
  },
  record: {
    call: {
      method: 'GET',
      url: '{api}/{resource}/{resourceId}',
      headers: { 'Intercom-Version': '2.14' },
    },
    at: '$',
    words: { contact: 'contacts', conversation: 'conversations', company: 'companies', ticket: 'tickets' },
  },
} satisfies ProviderDefinition
