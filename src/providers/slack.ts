import type { ProviderDefinition } from '../core/definition.ts'

/** Where the time stands that is a message's id: of one that was changed, deleted, or sent. */
const messageTimes = ['@.event.message.ts', '@.event.deleted_ts', '@.event.ts']

/** https://docs.slack.dev/apis/events-api and https://docs.slack.dev/interactivity */
export const slack = {
  id: 'slack',
  name: 'Slack',
  company: 'Slack',
  docs: {
    oauth: 'https://docs.slack.dev/reference/methods/oauth.v2.access',
    webhooks: 'https://docs.slack.dev/apis/events-api',
    portal: 'https://api.slack.com/apps',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'the worked example of Slack’s page; signatures that verifySlackRequest of @slack/bolt 5.1.0 accepts',
    uncertain: [
      'PKCE stays off: switching it on makes the app a public client for good',
      'An event of a shared channel is sent once and names one installation: other tenants there get none',
      'The names of the fields of interactivity and slash commands are from memory',
      'ssl_check=1 on slash command URLs is from memory: it gets an empty 200 and is not stored',
      'That conversations.replies gives one message by its own time, also inside a thread, is from memory',
      'That auth.revoke takes the token as a Bearer, and how a dead token is told, are from memory',
      'How long Slack waits before its first retry is not known in seconds: it says at once',
      'How further pages of a list are asked for (whs api --all) is from memory',
      'The fields of tokens_revoked are from memory',
    ],
  },
  hosts: { production: { slack: 'https://slack.com' } },
  portal: {
    clientId: { label: 'Client ID', where: 'Your Apps > your app > Basic Information > App Credentials' },
    redirectUri: { label: 'Redirect URLs', where: 'Your Apps > your app > OAuth & Permissions' },
    callbackUrl: { label: 'Request URL', where: 'Your Apps > your app > Event Subscriptions' },
    events: [
      'Event Subscriptions > Subscribe to bot events: add app_mention, message.channels …, then Save Changes',
      'After a new event or scope each workspace has to consent again',
    ],
  },
  secrets: {
    client: { label: 'Client Secret', where: 'Your Apps > your app > Basic Information > App Credentials' },
    webhook: { label: 'Signing Secret', where: 'Your Apps > your app > Basic Information > App Credentials' },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{slack}/oauth/v2/authorize',
    tokenUrl: '{slack}/api/oauth.v2.access',
    scopes: ['app_mentions:read', 'channels:history', 'commands'],
    scopeSeparator: ',',
    pkce: 'none',
    clientAuth: 'basic',
    reply: { failedWhen: { at: '$.ok', is: 'false' }, error: '$.error' },
    refresh: { kind: 'rotating', refused: ['invalid_refresh_token', 'token_revoked'] },
    accessSeconds: null,
    revoke: {
      call: { method: 'POST', url: '{slack}/api/auth.revoke', failedWhen: { at: '$.ok', is: 'false' } },
    },
    redirect: { production: 'public' },
  },
  accounts: [
    {
      kind: 'team',
      word: 'team id',
      noun: 'workspace',
      normalise: 'text',
      pattern: '^[TE][A-Z0-9]{2,30}$',
      shape: 'T or E, and capitals or digits',
      from: 'consent',
    },
  ],
  identity: {
    from: 'token',
    accounts: { team: { first: ['$.team.id', '$.enterprise.id'] } },
    name: { first: ['$.team.name', '$.enterprise.name'] },
  },
  api: {
    base: '{slack}',
    failedWhen: { at: '$.ok', is: 'false' },
    page: { by: 'cursor', parameter: 'cursor', at: '$.response_metadata.next_cursor' },
    refused: [
      {
        status: 200,
        when: { at: '$.error', is: ['token_expired', 'token_revoked', 'invalid_auth', 'account_inactive'] },
      },
    ],
  },
  lifecycle: [
    { events: ['app_uninstalled'], means: 'revoked', why: 'the workspace uninstalled the app' },
    {
      events: ['tokens_revoked'],
      when: '@.event.tokens.bot[0]',
      means: 'revoked',
      why: 'the token of the app’s bot was revoked',
    },
  ],
  webhook: {
    methods: ['POST'],
    body: ['json', { jsonField: 'payload' }, 'form'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        encoding: 'hex',
        header: { names: ['x-slack-signature'], prefix: 'v0=' },
        signs: [{ text: 'v0:' }, 'time', { text: ':' }, 'body'],
        key: { secret: 'webhook' },
        time: { at: { header: 'x-slack-request-timestamp' }, unit: 's', toleranceSeconds: 300 },
      },
    ],
    handshakes: [
      {
        kind: 'url_verification',
        method: 'POST',
        when: [{ at: '$.type', is: 'url_verification' }],
        proof: 'signature',
        reply: { status: 200, text: '$.challenge' },
      },
      {
        kind: 'ssl_check',
        method: 'POST',
        when: [{ at: '$.ssl_check', is: '1' }, { absent: '$.command' }],
        proof: 'none',
        reply: { status: 200 },
      },
    ],
    split: ['$'],
    shapes: [
      {
        name: 'event',
        when: { at: '@.type', is: 'event_callback' },
        providerEvent: '@.event.type',
        id: '@.event_id',
        time: '@.event_time',
        resource: {
          type: { text: 'message' },
          id: { first: messageTimes.map(ts => ({ template: `{@.event.channel}/{${ts}}` })) },
        },
        accounts: [
          {
            kind: 'team',
            at: '@.authorizations[0].enterprise_id',
            when: { at: '@.authorizations[0].is_enterprise_install', is: 'true' },
          },
          {
            kind: 'team',
            at: { first: ['@.authorizations[0].team_id', '@.team_id'] },
            when: {
              at: { first: ['@.authorizations[0].is_enterprise_install', { text: 'false' }] },
              is: 'false',
            },
          },
        ],
      },
      {
        name: 'rate-limited',
        when: { at: '@.type', is: 'app_rate_limited' },
        providerEvent: '@.type',
        derived: ['@.type', '@.team_id', '@.minute_rate_limited'],
        time: '@.minute_rate_limited',
        accounts: [{ kind: 'team', at: '@.team_id' }],
      },
      {
        name: 'command',
        when: { exists: '@.command' },
        providerEvent: '@.command',
        event: { text: 'slash_command' },
        derived: ['@.trigger_id', '@.command', '@.team_id', '@.user_id'],
        accounts: [
          { kind: 'team', at: '@.enterprise_id', when: { at: '@.is_enterprise_install', is: 'true' } },
          {
            kind: 'team',
            at: '@.team_id',
            when: { at: { first: ['@.is_enterprise_install', { text: 'false' }] }, is: 'false' },
          },
        ],
        reply: 'handler',
      },
      {
        name: 'interactivity',
        when: { exists: '@.type' },
        providerEvent: '@.type',
        derived: ['@.type', '@.trigger_id', '@.action_ts', '@.view.id', '@.view.hash', '@.user.id'],
        accounts: [
          { kind: 'team', at: '@.enterprise.id', when: { at: '@.is_enterprise_install', is: 'true' } },
          {
            kind: 'team',
            at: { first: ['@.team.id', '@.user.team_id'] },
            when: { at: { first: ['@.is_enterprise_install', { text: 'false' }] }, is: 'false' },
          },
        ],
        reply: 'handler',
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 3000 },
    retries: [1, 60, 300],
  },
  activation: {
    per: 'app',
    by: 'portal',
    steps: [
      'Your Apps > your app > Event Subscriptions: Enable Events, {callback} as Request URL; it is tested at once',
      'Interactivity & Shortcuts: enter {callback} as Request URL too, if you have buttons, views or shortcuts',
      'Slash Commands > your command: enter {callback} as Request URL, if you have commands',
    ],
  },
  record: [
    {
      words: { message: 'messages' },
      slots: { channel: '@.event.channel', ts: { first: messageTimes } },
      call: {
        method: 'GET',
        url: '{slack}/api/conversations.replies?channel={channel}&ts={ts}&limit=1',
        failedWhen: { at: '$.ok', is: 'false' },
      },
      at: '$.messages[0]',
      gone: [{ status: 200, when: { at: '$.error', is: ['thread_not_found', 'message_not_found'] } }],
    },
  ],
} satisfies ProviderDefinition
