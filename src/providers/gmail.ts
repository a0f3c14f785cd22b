import type { ProviderDefinition } from '../core/definition.ts'

const tooMany = { capture: { of: '$.error.errors[0].reason', pattern: '(imitExceeded)' } }

/** https://developers.google.com/workspace/gmail/api/guides/push */
export const gmail = {
  id: 'gmail',
  name: 'Gmail',
  company: 'Google',
  docs: {
    oauth: 'https://developers.google.com/identity/protocols/oauth2/web-server',
    webhooks: 'https://developers.google.com/workspace/gmail/api/guides/push',
    portal: 'https://console.cloud.google.com/apis/credentials',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'tokens made and verified by npm jose 6.2.18',
    uncertain: [
      'The path of the published keys, users/me/profile and that http://localhost is taken are from memory.',
      'The issuer is also accepted without https://, as Google spells it in some tokens.',
      'Payload unwrapping (the body is the bare data) is not supported.',
      'The pauses between the retries depend on the subscription.',
      'Stopping the watch of a mailbox stops it for everyone who connected that mailbox to the app.',
      'That the answer holds labelsAdded, labelsRemoved and messagesDeleted beside messagesAdded is from memory.',
      'How further pages of a list are asked for (whs api --all) is from memory.',
      'The address of one message (users/me/messages) is from memory.',
    ],
  },
  hosts: {
    production: {
      accounts: 'https://accounts.google.com',
      token: 'https://oauth2.googleapis.com',
      api: 'https://gmail.googleapis.com',
      certs: 'https://www.googleapis.com',
    },
  },
  settings: {
    serviceAccount: {
      label: 'Service account of the push',
      where: 'Google Cloud console > Pub/Sub > Subscriptions > your subscription > Authentication',
      pattern: '^[a-z0-9-]{1,64}@[a-z0-9.-]{1,190}$',
      shape: 'an e-mail address',
    },
    topic: {
      label: 'Topic name',
      where: 'Google Cloud console > Pub/Sub > Topics > your topic, in the project of the OAuth client',
      pattern: '^projects/[a-z0-9:.-]{1,64}/topics/[A-Za-z0-9._~+%-]{1,255}$',
      shape: 'projects/<project>/topics/<topic>',
    },
    audience: {
      label: 'Audience of the push',
      where: 'Google Cloud console > Pub/Sub > Subscriptions > your subscription > Authentication',
      optional: true,
      pattern: '^[!-~]{1,256}$',
      shape: 'a text without blanks, at most 256 characters',
    },
  },
  portal: {
    clientId: { label: 'Client ID', where: 'Google Cloud console > APIs & Services > Credentials > your OAuth client' },
    redirectUri: {
      label: 'Authorized redirect URIs',
      where: 'Google Cloud console > APIs & Services > Credentials > your OAuth client (Web application)',
    },
    callbackUrl: { label: 'Endpoint URL', where: 'Google Cloud console > Pub/Sub > Subscriptions > your subscription' },
    events: [
      'APIs & Services > Library: enable the Gmail API, in the project of the OAuth client',
      'Pub/Sub > Topics: create a topic; gmail-api-push@system.gserviceaccount.com needs Pub/Sub Publisher on it',
      'Pub/Sub > Subscriptions > Create subscription: the topic, delivery type Push, endpoint URL: the callback URL',
      'Enable authentication with a service account, leave the audience empty and payload unwrapping off',
    ],
  },
  secrets: {
    client: {
      label: 'Client secret',
      where: 'Google Cloud console > APIs & Services > Credentials > your OAuth client',
    },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{accounts}/o/oauth2/v2/auth',
    tokenUrl: '{token}/token',
    scopes: ['https://www.googleapis.com/auth/gmail.readonly'],
    scopeSeparator: ' ',
    parameters: { access_type: 'offline', prompt: 'consent' },
    pkce: 'S256',
    clientAuth: 'post',
    refresh: { kind: 'stable' },
    accessSeconds: 3600,
    revoke: { url: '{token}/revoke', body: 'form', field: 'token', token: 'refresh' },
    redirect: { production: 'loopback' },
  },
  accounts: [
    {
      kind: 'mailbox',
      word: 'emailAddress',
      noun: 'mailbox',
      normalise: 'email',
      pattern: '^[^@\\s/]{1,64}@[^@\\s/]{1,190}$',
      shape: 'an e-mail address',
      from: 'consent',
    },
  ],
  identity: {
    from: { method: 'GET', url: '{api}/gmail/v1/users/me/profile' },
    accounts: { mailbox: '$.emailAddress' },
    name: '$.emailAddress',
  },
  api: { page: { by: 'cursor', parameter: 'pageToken', at: '$.nextPageToken' } },
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'jwt',
        header: 'authorization',
        prefix: 'Bearer ',
        key: { jwks: '{certs}/oauth2/v3/certs' },
        algorithm: 'RS256',
        claims: {
          iss: ['https://accounts.google.com', 'accounts.google.com'],
          aud: ['{callback}', '{setting.audience}'],
          // Any Google project can get a token for this audience: the service account makes it ours.
          email: ['{setting.serviceAccount}'],
          email_verified: ['true'],
        },
      },
    ],
    split: ['$'],
    shapes: [
      {
        name: 'push',
        when: '@.message.data',
        providerEvent: { text: 'mailbox.changed' },
        id: { first: ['@.message.messageId', '@.message.message_id'] },
        time: { first: ['@.message.publishTime', '@.message.publish_time'] },
        feed: 'history',
        accounts: [{ kind: 'mailbox', at: { base64Json: { of: '@.message.data', at: '$.emailAddress' } } }],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 10_000 },
    retries: [10, 20, 40, 80, 160, 320, 600],
  },
  activation: {
    per: 'tenant',
    by: 'either',
    noun: 'mailbox',
    days: 7,
    steps: [
      'Google Cloud console > Pub/Sub > Subscriptions > your subscription > Edit: endpoint URL {callback}',
      'For each tenant: POST https://gmail.googleapis.com/gmail/v1/users/me/watch with your topic, as "whs activate" ' +
        'does; it ends after 7 days, so that whs makes the same call every day',
    ],
    api: {
      create: {
        method: 'POST',
        url: '{api}/gmail/v1/users/me/watch',
        body: { json: { topicName: '{setting.topic}', labelIds: ['INBOX'], labelFilterBehavior: 'include' } },
      },
      made: { id: { chosen: '{account}' }, expires: { at: '$.expiration', unit: 'ms' } },
      renew: 'again',
      marginHours: 144,
      remove: { method: 'POST', url: '{api}/gmail/v1/users/me/stop' },
      scopes: ['https://www.googleapis.com/auth/gmail.readonly'],
      refusals: [{ status: 403, when: { exists: tooMany }, means: 'quota' }],
    },
  },
  record: [
    {
      words: { message: 'messages' },
      call: { method: 'GET', url: '{api}/gmail/v1/users/me/{resource}/{resourceId}' },
      at: '$',
    },
  ],
  feeds: [
    {
      name: 'history',
      use: ['follow-up', 'catch-up'],
      per: 'account',
      call: {
        method: 'GET',
        url: '{api}/gmail/v1/users/me/history?startHistoryId={cursor}&maxResults=500',
        page: { by: 'cursor', parameter: 'pageToken', at: '$.nextPageToken' },
      },
      cursor: {
        at: '$.historyId',
        start: { call: { method: 'GET', url: '{api}/gmail/v1/users/me/profile' }, at: '$.historyId' },
      },
      split: ["$.history[*]['messagesAdded','messagesDeleted','labelsAdded','labelsRemoved'][*]"],
      shapes: [
        {
          name: 'change',
          when: '@.message.id',
          providerEvent: {
            map: {
              of: { step: 1 },
              words: {
                messagesAdded: 'message.added',
                messagesDeleted: 'message.deleted',
                labelsAdded: 'message.changed',
                labelsRemoved: 'message.changed',
              },
            },
          },
          id: { join: ['$.history[*].id', { step: 1 }, '@.message.id'], by: ' ' },
          resource: { type: { text: 'message' }, id: '@.message.id' },
          accounts: [],
        },
      ],
      same: 'id',
      expired: { status: 404 },
    },
  ],
} satisfies ProviderDefinition
