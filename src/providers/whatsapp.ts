import type { ProviderDefinition } from '../core/definition.ts'

/** The accounts that the consent named, as the token itself tells them. */
const debug = {
  method: 'GET',
  url: '{graph}/v25.0/debug_token?input_token={token}',
  auth: { bearer: '{clientId}|{secret.client}' },
} as const
const wabas = {
  items: '$.data.granular_scopes[*].target_ids[*]',
  where: { at: '$.data.granular_scopes[*].scope', is: 'whatsapp_business_management' },
}
const change = '$.entry[*].changes[*]'
const typed = { template: `{${change}.field}.{@.type}` }
const stated = { template: `{${change}.field}.{@.status}` }
const subscribe = {
  method: 'POST',
  url: '{graph}/v25.0/{resource}/subscribed_apps',
  body: { json: { override_callback_uri: '{callback}', verify_token: '{secret.verify}' } },
  failedWhen: { at: '$.success', is: 'false' },
} as const
const unreached = { capture: { of: '$.error.message', pattern: '([Cc]allback|override)' } }

/** https://developers.facebook.com/docs/whatsapp/cloud-api/guides/set-up-webhooks */
export const whatsapp = {
  id: 'whatsapp',
  name: 'WhatsApp Business',
  company: 'Meta',
  docs: {
    oauth: 'https://developers.facebook.com/docs/whatsapp/embedded-signup',
    webhooks: 'https://developers.facebook.com/docs/whatsapp/cloud-api/guides/set-up-webhooks',
    portal: 'https://developers.facebook.com/apps',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'sign of @octokit/webhooks-methods 6.0.0, which makes the same value; read back by whatsapp-api-js 6.3.0',
    uncertain: [
      'The consent dialog with config_id in place of the embedded signup popup is from memory',
      'That debug_token lists the accounts as target_ids of whatsapp_business_management is from memory',
      'How long the token lives is from memory: about 60 days, or for good as a system user’s',
      'That test deliveries of the dashboard carry 0 as the account is from memory: they are the platform’s own',
      'The Graph API version changes about every four months; v25.0 is used',
      'How often a delivery is tried again is known as decreasing over up to seven days, without numbers',
      'DELETE /me/permissions as the way to revoke is from memory',
      'By the API each account gets a URL of its own: Meta sends messages and calls there, news of templates to the app’s URL',
      'The answer of GET subscribed_apps (whatsapp_business_api_data.id) and Meta’s error codes are from memory',
      'How further pages of a list are asked for (whs api --all) is from memory',
    ],
  },
  hosts: { production: { web: 'https://www.facebook.com', graph: 'https://graph.facebook.com' } },
  settings: {
    config: {
      label: 'Configuration ID',
      where: 'App Dashboard > your app > Facebook Login for Business > Configurations',
      pattern: '^[0-9]{1,30}$',
      shape: 'up to 30 digits',
    },
  },
  portal: {
    clientId: { label: 'App ID', where: 'App Dashboard > your app > App settings > Basic' },
    redirectUri: {
      label: 'Valid OAuth Redirect URIs',
      where: 'App Dashboard > your app > Facebook Login for Business > Settings',
    },
    callbackUrl: { label: 'Callback URL', where: 'App Dashboard > your app > WhatsApp > Configuration' },
    events: ['WhatsApp > Configuration > Webhook fields: subscribe to messages, and to what else you want'],
  },
  secrets: {
    client: { label: 'App secret', where: 'App Dashboard > your app > App settings > Basic' },
    verify: {
      label: 'Verify token',
      where: 'your own choice, typed into App Dashboard > your app > WhatsApp > Configuration',
    },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{web}/v25.0/dialog/oauth',
    tokenUrl: '{graph}/v25.0/oauth/access_token',
    scopes: ['whatsapp_business_management', 'whatsapp_business_messaging'],
    scopeSeparator: ',',
    parameters: { config_id: '{setting.config}' },
    leaveOut: ['scope'],
    pkce: 'none',
    clientAuth: 'post',
    refresh: { kind: 'none' },
    accessSeconds: null,
    revoke: { call: { method: 'DELETE', url: '{graph}/v25.0/me/permissions' } },
    redirect: { production: 'public' },
  },
  accounts: [
    {
      kind: 'waba',
      word: 'WhatsApp Business Account ID',
      noun: 'business account',
      normalise: 'text',
      pattern: '^[0-9]{1,30}$',
      shape: 'up to 30 digits',
      from: 'consent',
    },
  ],
  identity: {
    from: debug,
    ...wabas,
    accounts: { waba: '@' },
    prove: { call: { method: 'GET', url: '{graph}/v25.0/{account}?fields=id,name' }, equals: '$.id', name: '$.name' },
  },
  api: {
    base: '{graph}',
    page: { by: 'cursor', parameter: 'after', at: '$.paging.cursors.after', more: '$.paging.next' },
    refused: [{ status: 400, when: { at: '$.error.code', is: '190' } }],
  },
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        encoding: 'hex',
        header: { names: ['x-hub-signature-256'], prefix: 'sha256=' },
        signs: ['body'],
        key: { secret: 'client' },
      },
    ],
    handshakes: [
      {
        kind: 'verify',
        method: 'GET',
        when: [{ at: { query: 'hub.mode' }, is: 'subscribe' }, { exists: { query: 'hub.challenge' } }],
        proof: { token: { query: 'hub.verify_token' }, secret: 'verify' },
        reply: { status: 200, text: { query: 'hub.challenge' } },
      },
    ],
    split: [`${change}.value.messages[*]`, `${change}.value.statuses[*]`, change],
    shapes: [
      {
        name: 'test',
        when: { at: '$.entry[*].id', is: '0' },
        scope: 'app',
        providerEvent: { first: [typed, stated, `${change}.field`] },
        derived: ['@.id', '@.status', '@.field', '$.entry[*].time'],
        accounts: [],
      },
      {
        name: 'message',
        when: { all: ['@.from', '@.type'] },
        providerEvent: typed,
        id: '@.id',
        time: '@.timestamp',
        accounts: [{ kind: 'waba', at: '$.entry[*].id' }],
      },
      {
        name: 'status',
        when: '@.status',
        providerEvent: stated,
        derived: ['@.id', '@.status', '@.timestamp', '@.recipient_id'],
        time: '@.timestamp',
        resource: { type: { text: 'message' }, id: '@.id' },
        accounts: [{ kind: 'waba', at: '$.entry[*].id' }],
      },
      {
        name: 'change',
        when: '@.field',
        providerEvent: { join: ['@.field', '@.value.event'], by: '.' },
        derived: ['$.entry[*].id', '$.entry[*].time', '@.field', '@.value.event', '@.value.message_template_id'],
        time: '$.entry[*].time',
        accounts: [{ kind: 'waba', at: '$.entry[*].id' }],
      },
    ],
    reply: { ok: 200, rejected: 403, withinMs: 5000 },
    retries: [1, 60, 600, 3600, 14_400, 43_200],
  },
  activation: {
    per: 'app',
    by: 'either',
    noun: 'business account',
    steps: [
      'App Dashboard > your app > WhatsApp > Configuration: enter {callback} as Callback URL and your Verify token',
      'Verify and save; Meta calls {callback} at once, so that whs has to be listening',
      'For each tenant: POST /v25.0/<WhatsApp Business Account ID>/subscribed_apps ("whs activate" does it)',
    ],
    api: {
      per: 'resource',
      resources: { call: debug, ...wabas, id: '@', usual: '@' },
      list: {
        call: { method: 'GET', url: '{graph}/v25.0/{resource}/subscribed_apps' },
        items: '$.data[*]',
        where: { exists: '@.override_callback_uri' },
        id: '@.whatsapp_business_api_data.id',
        url: '@.override_callback_uri',
      },
      create: subscribe,
      made: { id: { chosen: '{clientId}' } },
      move: subscribe,
      remove: { method: 'DELETE', url: '{graph}/v25.0/{resource}/subscribed_apps' },
      scopes: ['whatsapp_business_management'],
      refusals: [
        { status: 400, when: { at: '$.error.code', is: '190' }, means: 'token' },
        { status: [400, 403], when: { at: '$.error.code', is: ['10', '200'] }, means: 'scope' },
        { status: 400, when: { exists: unreached }, means: 'unreachable' },
      ],
    },
  },
} satisfies ProviderDefinition
