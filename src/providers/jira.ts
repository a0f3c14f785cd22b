import type { ProviderDefinition } from '../core/definition.ts'

const host = '^https://((?!api\\.atlassian\\.com/)[^/]{1,253})/'
const cloud = '^https://api\\.atlassian\\.com/ex/jira/([0-9A-Za-z-]{1,64})/'
/** A delivery has no site of its own: it stands in the first `self` link. */
const self = {
  first: [
    '@.issue.self',
    '@.comment.self',
    '@.sprint.self',
    '@.board.self',
    '@.worklog.self',
    '@.version.self',
    '@.issueLink.self',
    '@.project.self',
    '@.attachment.self',
    '@.issuetype.self',
    '@.filter.self',
    '@.user.self',
  ],
}
const accounts = [
  {
    agree: [
      { kind: 'cloud', at: { capture: { of: self, pattern: cloud } } },
      { kind: 'site', at: { capture: { of: self, pattern: host } } },
    ],
  },
]
/** `jira:issue_updated` is said `issue.updated`. */
const event = {
  first: [
    {
      join: [
        { capture: { of: '@.webhookEvent', pattern: '^(?:jira:)?(.+)_[a-z]+$' } },
        { capture: { of: '@.webhookEvent', pattern: '_([a-z]+)$' } },
      ],
      by: '.',
    },
    '@.webhookEvent',
  ],
}
const id = { header: 'x-atlassian-webhook-identifier' }

/** https://developer.atlassian.com/cloud/jira/platform/webhooks */
export const jira = {
  id: 'jira',
  name: 'Jira Cloud',
  company: 'Atlassian',
  docs: {
    oauth: 'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps',
    webhooks: 'https://developer.atlassian.com/cloud/jira/platform/webhooks',
    portal: 'https://developer.atlassian.com/console/myapps',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'tokens of jsonwebtoken 9.0.3 that jose 6.2.18 accepts, and the vector of Atlassian’s page',
    uncertain: [
      'That the Bearer token is HS256 with the client secret was seen on one live site; the pages name no algorithm',
      'The token’s claims are not documented: only its times are checked',
      'Whether dynamic webhooks carry X-Hub-Signature is disputed: beside a Bearer token it is not looked at',
      'A self link of api.atlassian.com in place of the site is from memory and accepted',
      'The deadline for an answer (20 to 30 s) is from memory',
      'That http://localhost is accepted as redirect is from memory',
      'An app that is not public gets events only of webhooks that its owner registered',
    ],
  },
  hosts: { production: { auth: 'https://auth.atlassian.com', api: 'https://api.atlassian.com' } },
  portal: {
    clientId: { label: 'Client ID', where: 'Developer console > your app > Settings > Authentication details' },
    redirectUri: { label: 'Callback URL', where: 'Developer console > your app > Authorization > OAuth 2.0 (3LO)' },
    callbackUrl: { label: 'url', where: 'POST /rest/api/3/webhook of the tenant’s site' },
    events: ['Permissions > Jira API: add View Jira issue data and Manage Jira webhooks'],
  },
  secrets: {
    client: { label: 'Secret', where: 'Developer console > your app > Settings > Authentication details' },
    webhook: {
      label: 'Secret',
      where: 'Jira > Settings > System > WebHooks > the webhook; only for a webhook that a site’s administrator makes',
      later: true,
      optional: true,
    },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{auth}/authorize',
    tokenUrl: '{auth}/oauth/token',
    scopes: ['read:jira-work', 'manage:jira-webhook', 'offline_access'],
    scopeSeparator: ' ',
    parameters: { audience: 'api.atlassian.com', prompt: 'consent' },
    pkce: 'none',
    clientAuth: 'post',
    tokenBody: 'json',
    refresh: { kind: 'rotating' },
    accessSeconds: 3600,
    redirect: { production: 'loopback' },
  },
  accounts: [
    {
      kind: 'site',
      word: 'site URL',
      noun: 'site',
      normalise: 'origin',
      pattern: '^[a-z0-9.-]{3,253}$',
      from: 'consent',
    },
    {
      kind: 'cloud',
      word: 'cloudId',
      noun: 'site',
      normalise: 'text',
      pattern: '^[0-9A-Za-z-]{1,64}$',
      from: 'consent',
    },
  ],
  identity: {
    from: { method: 'GET', url: '{api}/oauth/token/accessible-resources' },
    items: '$[*]',
    accounts: { site: { capture: { of: '@.url', pattern: '^https://([^/]{1,253})' } }, cloud: '@.id' },
    name: '@.name',
  },
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        name: 'administrator’s webhook',
        when: { all: [{ absent: { header: 'authorization' } }, { exists: { header: 'x-hub-signature' } }] },
        hash: 'sha256',
        encoding: 'hex',
        header: { names: ['x-hub-signature'], prefix: 'sha256=' },
        signs: ['body'],
        key: { secret: 'webhook', of: 'activation' },
      },
      {
        scheme: 'jwt',
        name: 'dynamic webhook',
        header: 'authorization',
        prefix: 'Bearer ',
        key: { secret: 'client' },
        algorithm: 'HS256',
        claims: {},
      },
    ],
    split: ['$'],
    shapes: [
      {
        name: 'issue',
        when: { all: ['@.webhookEvent', '@.issue.id'] },
        providerEvent: '@.webhookEvent',
        event,
        id,
        time: '@.timestamp',
        resource: { type: { text: 'issue' }, id: '@.issue.id' },
        accounts,
      },
      {
        name: 'other',
        when: '@.webhookEvent',
        providerEvent: '@.webhookEvent',
        event,
        id,
        time: '@.timestamp',
        resource: {
          type: { capture: { of: '@.webhookEvent', pattern: '^(?:jira:)?([a-z]+)' } },
          id: {
            first: ['@.comment.id', '@.worklog.id', '@.sprint.id', '@.version.id', '@.issueLink.id', '@.project.id'],
          },
        },
        accounts,
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 20_000 },
    retries: [300, 600, 900, 900, 900],
  },
  activation: {
    per: 'tenant',
    by: 'either',
    secret: 'chosen',
    days: 30,
    steps: [
      'POST https://api.atlassian.com/ex/jira/<cloudId>/rest/api/3/webhook with the tenant’s token',
      'Its body: url {callback}, webhooks with events (jira:issue_created …) and jqlFilter (project = ABC)',
      'An app has one URL for all sites; extend within 30 days by PUT /rest/api/3/webhook/refresh with webhookIds',
      'Or by an administrator of the site: Settings > System > WebHooks > Create, URL {callback} and a Secret',
    ],
  },
  record: {
    call: { method: 'GET', url: '{api}/ex/jira/{account.cloud}/rest/api/3/{resourceType}/{resourceId}' },
    at: '$',
  },
} satisfies ProviderDefinition
