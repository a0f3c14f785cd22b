import type { ProviderDefinition } from '../core/definition.ts'

/** https://www.dropbox.com/developers/reference/webhooks */
export const dropbox = {
  id: 'dropbox',
  name: 'Dropbox',
  company: 'Dropbox',
  docs: {
    oauth: 'https://developers.dropbox.com/oauth-guide',
    webhooks: 'https://www.dropbox.com/developers/reference/webhooks',
    portal: 'https://www.dropbox.com/developers/apps',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'HMAC of Python and OpenSSL with the app secret',
    uncertain: [
      'That a refresh token never ends and does not rotate, and that http://localhost is taken, are from memory.',
      'Whether PKCE goes together with an app secret is disputed: the secret alone is used.',
      'That account_id stands in the token reply is third-party knowledge.',
      'Deliveries of team apps (list_folder.teams, from memory) name no account that is read: they are kept as unreadable.',
      'The pauses between the retries, over about 10 minutes, are not published.',
      'The id tells no repeat from a second change, and no time is given.',
      'How the API says that a cursor was reset (409, error/.tag) is put together from the types of its SDKs.',
      'That files/get_metadata takes the id of an entry, and how it says that one is gone, are from memory.',
    ],
  },
  hosts: { production: { web: 'https://www.dropbox.com', api: 'https://api.dropboxapi.com' } },
  portal: {
    clientId: { label: 'App key', where: 'App Console > your app > Settings' },
    redirectUri: { label: 'Redirect URIs', where: 'App Console > your app > Settings > OAuth 2' },
    callbackUrl: { label: 'Webhook URIs', where: 'App Console > your app > Settings > Webhooks' },
    events: ['App Console > your app > Permissions: tick files.metadata.read (and what else you read) and submit'],
  },
  secrets: { client: { label: 'App secret', where: 'App Console > your app > Settings' } },
  oauth: {
    kind: 'code',
    authorizeUrl: '{web}/oauth2/authorize',
    tokenUrl: '{api}/oauth2/token',
    scopes: ['account_info.read', 'files.metadata.read'],
    scopeSeparator: ' ',
    parameters: { token_access_type: 'offline' },
    pkce: 'none',
    clientAuth: 'basic',
    refresh: { kind: 'stable' },
    accessSeconds: 14_400,
    revoke: { call: { method: 'POST', url: '{api}/2/auth/token/revoke' } },
    redirect: { production: 'loopback' },
  },
  accounts: [
    {
      kind: 'account',
      word: 'account_id',
      noun: 'account',
      normalise: 'text',
      pattern: '^dbid:[A-Za-z0-9_-]{3,64}$',
      shape: 'dbid: and letters, digits, - or _',
      from: 'consent',
    },
  ],
  identity: { from: 'token', accounts: { account: '$.account_id' } },
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        header: { names: ['x-dropbox-signature'] },
        encoding: 'hex',
        signs: ['body'],
        key: { secret: 'client' },
      },
    ],
    handshakes: [
      {
        kind: 'challenge',
        method: 'GET',
        when: [{ exists: { query: 'challenge' } }],
        proof: 'none',
        reply: { status: 200, text: { query: 'challenge' } },
      },
    ],
    split: ['$.list_folder.accounts[*]'],
    shapes: [
      {
        name: 'account',
        when: '$.list_folder.accounts[*]',
        providerEvent: { text: 'files.changed' },
        derived: ['@'],
        accounts: [{ kind: 'account', at: '@' }],
        feed: 'list_folder',
      },
    ],
    alongside: ['$.delta.users'],
    reply: { ok: 200, rejected: 401, withinMs: 10_000 },
    retries: [10, 30, 60, 120, 180, 200],
  },
  activation: {
    per: 'app',
    by: 'portal',
    steps: [
      'App Console > your app > Settings > Webhooks: enter {callback} as Webhook URI',
      'Press "Add" while whs is listening: Dropbox calls it at once',
    ],
  },
  record: [
    {
      words: { file: 'file', folder: 'folder' },
      call: { method: 'POST', url: '{api}/2/files/get_metadata', body: { json: { path: '{resourceId}' } } },
      at: '$',
      gone: [{ status: 409, when: { at: "$.error.path['.tag']", is: 'not_found' } }],
    },
  ],
  feeds: [
    {
      name: 'list_folder',
      use: ['follow-up', 'catch-up'],
      per: 'account',
      call: {
        method: 'POST',
        url: '{api}/2/files/list_folder/continue',
        body: { json: { cursor: '{cursor}' } },
      },
      cursor: {
        at: '$.cursor',
        more: { at: '$.has_more', is: 'true' },
        start: {
          call: {
            method: 'POST',
            url: '{api}/2/files/list_folder/get_latest_cursor',
            body: { json: { path: '', recursive: true } },
          },
          at: '$.cursor',
        },
      },
      split: ['$.entries[*]'],
      shapes: [
        {
          name: 'entry',
          when: "@['.tag']",
          providerEvent: {
            map: {
              of: "@['.tag']",
              words: { file: 'file.changed', folder: 'folder.changed', deleted: 'file.deleted' },
            },
          },
          derived: ["@['.tag']", '@.path_lower', '@.rev'],
          time: '@.server_modified',
          resource: { type: "@['.tag']", id: { first: ['@.id', '@.path_lower'] } },
          accounts: [],
        },
      ],
      same: 'cursor',
      expired: { status: 409, when: { at: "$.error['.tag']", is: 'reset' } },
    },
  ],
} satisfies ProviderDefinition
