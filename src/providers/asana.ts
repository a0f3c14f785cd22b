import type { ProviderDefinition } from '../core/definition.ts'

const hookScopes = ['webhooks:read', 'webhooks:write', 'webhooks:delete', 'projects:read']
const hooks = '{asana}/api/1.0/webhooks'
const page = { by: 'cursor', parameter: 'offset', at: '$.next_page.offset' } as const
const unanswered = { capture: { of: '$.errors[0].message', pattern: '(remote server|target)' } }

/** https://developers.asana.com/docs/webhooks-guide */
export const asana = {
  id: 'asana',
  name: 'Asana',
  company: 'Asana',
  docs: {
    oauth: 'https://developers.asana.com/docs/oauth',
    webhooks: 'https://developers.asana.com/docs/webhooks-guide',
    portal: 'https://app.asana.com/0/my-apps',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'hmac of Python’s standard library, since no package of Asana’s verifies',
    uncertain: [
      'The path of users/me with opt_fields is from memory',
      'That http://localhost is accepted as redirect is from memory',
      'Whether the handshake has an empty body or an empty object is not said: both are accepted',
      'The steps of the retries within 24 hours are not known',
      'added is said created here, though it also tells of a task that was put into another project',
      'What Asana says of a target that does not answer its handshake is from memory',
      'How further pages of a list are asked for (whs api --all) is from memory',
      'Where a personal access token is made is from memory',
    ],
  },
  hosts: { production: { asana: 'https://app.asana.com' } },
  portal: {
    clientId: { label: 'Client ID', where: 'Developer console > your app > OAuth' },
    redirectUri: { label: 'Redirect URLs', where: 'Developer console > your app > OAuth' },
    callbackUrl: { label: 'target', where: 'POST /api/1.0/webhooks, once for each project or other resource' },
    events: ['Developer console > your app > OAuth > Permission scopes: tick webhooks:write and what you want to read'],
  },
  secrets: {
    client: { label: 'Client secret', where: 'Developer console > your app > OAuth' },
    webhook: {
      label: 'X-Hook-Secret',
      where: 'Asana sends it to the callback URL while the webhook is made',
      later: true,
    },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{asana}/-/oauth_authorize',
    tokenUrl: '{asana}/-/oauth_token',
    scopes: [...hookScopes, 'tasks:read', 'workspaces:read', 'users:read'],
    scopeSeparator: ' ',
    pkce: 'S256',
    clientAuth: 'post',
    refresh: { kind: 'stable' },
    accessSeconds: 3600,
    revoke: { url: '{asana}/-/oauth_revoke', body: 'form', field: 'token', token: 'refresh' },
    redirect: { production: 'loopback' },
  },
  credentials: {
    key: {
      label: 'Personal access token',
      where: 'Asana > My settings > Apps > Developer apps > Personal access tokens',
    },
  },
  accounts: [
    {
      kind: 'workspace',
      word: 'workspace gid',
      noun: 'workspace',
      normalise: 'text',
      pattern: '^[0-9]{1,30}$',
      shape: 'up to 30 digits',
      from: 'consent',
    },
    {
      kind: 'webhook',
      word: 'webhook gid',
      noun: 'webhook',
      normalise: 'text',
      pattern: '^[0-9]{1,30}$',
      shape: 'up to 30 digits',
      from: 'activation',
    },
  ],
  identity: {
    from: { method: 'GET', url: '{asana}/api/1.0/users/me?opt_fields=gid,workspaces.gid,workspaces.name' },
    items: '$.data.workspaces[*]',
    accounts: { workspace: '@.gid' },
    name: '@.name',
  },
  api: { base: '{asana}', page: { by: 'cursor', parameter: 'offset', at: '$.next_page.offset' } },
  webhook: {
    methods: ['POST'],
    body: ['empty', 'json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        encoding: 'hex',
        header: { names: ['x-hook-signature'] },
        signs: ['body'],
        key: { secret: 'webhook', of: 'activation' },
      },
    ],
    handshakes: [
      {
        kind: 'x-hook-secret',
        method: 'POST',
        when: [{ exists: { header: 'x-hook-secret' } }],
        proof: 'none',
        brings: { secret: 'webhook', of: 'activation', at: { header: 'x-hook-secret' } },
        reply: { status: 200, headers: { 'X-Hook-Secret': { header: 'x-hook-secret' } } },
      },
      {
        kind: 'heartbeat',
        method: 'POST',
        when: [{ empty: '$.events' }],
        proof: 'signature',
        reply: { status: 200 },
      },
    ],
    split: ['$.events[*]'],
    shapes: [
      {
        name: 'event',
        when: { all: ['@.action', '@.resource.resource_type'] },
        providerEvent: { template: '{@.resource.resource_type}.{@.action}' },
        event: {
          join: [
            '@.resource.resource_type',
            { map: { of: '@.action', words: { removed: 'removed_from_parent', undeleted: 'restored' } } },
          ],
          by: '.',
        },
        derived: [
          '@.created_at',
          '@.action',
          '@.resource.gid',
          '@.change.field',
          '@.change.action',
          '@.parent.gid',
          '@.user.gid',
        ],
        time: '@.created_at',
        resource: { type: '@.resource.resource_type', id: '@.resource.gid' },
        accounts: [],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 10_000 },
    retries: [10, 60, 300, 1800, 3600],
  },
  activation: {
    per: 'resource',
    by: 'api',
    keyed: true,
    kind: 'webhook',
    secret: 'given',
    noun: 'project',
    steps: [
      'POST https://app.asana.com/api/1.0/webhooks with data.resource (the project) and data.target {callback}, as ' +
        '"whs activate" does with the tenant’s token; Asana calls the target before it answers',
    ],
    api: {
      resources: {
        call: {
          method: 'GET',
          url: '{asana}/api/1.0/projects?workspace={account.workspace}&archived=false&opt_fields=name&limit=100',
          page,
        },
        items: '$.data[*]',
        id: '@.gid',
        name: '@.name',
      },
      list: {
        call: { method: 'GET', url: `${hooks}?workspace={account.workspace}&limit=100`, page },
        items: '$.data[*]',
        where: { at: '@.active', is: 'true' },
        id: '@.gid',
        url: '@.target',
        resource: '@.resource.gid',
      },
      create: {
        method: 'POST',
        url: hooks,
        body: { json: { data: { resource: '{resource}', target: '{callback}' } } },
      },
      made: { id: '$.data.gid' },
      remove: { method: 'DELETE', url: `${hooks}/{activation}` },
      scopes: hookScopes,
      refusals: [{ status: [400, 403], when: { exists: unanswered }, means: 'unreachable' }],
    },
  },
  record: [
    {
      words: {
        task: 'tasks',
        project: 'projects',
        section: 'sections',
        story: 'stories',
        attachment: 'attachments',
        tag: 'tags',
        team: 'teams',
        user: 'users',
      },
      call: { method: 'GET', url: '{asana}/api/1.0/{resource}/{resourceId}' },
      at: '$.data',
    },
  ],
} satisfies ProviderDefinition
