import type { ProviderDefinition } from '../core/definition.ts'

const things = 'issue comment sprint board worklog version issueLink project attachment issuetype filter user'
/** A delivery has no site of its own: it stands in the first `self` link. */
const self = { first: things.split(' ').map(thing => `@.${thing}.self`) }
const host = '^https://((?!api\\.atlassian\\.com/)[^/]{1,253})/'
const site = { kind: 'site', at: { capture: { of: self, pattern: host } } }
const ofCloud = '^https://api\\.atlassian\\.com/ex/jira/([0-9A-Za-z-]{1,64})/'
const cloud = { kind: 'cloud', at: { capture: { of: self, pattern: ofCloud } } }
const noun = { capture: { of: '@.webhookEvent', pattern: '^(?:jira:)?(.+)_[a-z]+$' } }
const verb = { capture: { of: '@.webhookEvent', pattern: '_([a-z]+)$' } }
/** What all shapes read. `jira:issue_updated` is said `issue.updated`. */
const common = {
  providerEvent: '@.webhookEvent',
  event: { first: [{ join: [noun, verb], by: '.' }, '@.webhookEvent'] },
  id: { header: 'x-atlassian-webhook-identifier' },
  time: '@.timestamp',
  accounts: [{ agree: [cloud, site] }],
}
const events = ['created', 'updated', 'deleted'].flatMap(done => [`jira:issue_${done}`, `comment_${done}`])
const sites = { method: 'GET', url: '{api}/oauth/token/accessible-resources' } as const
const hooks = '{api}/ex/jira/{resource}/rest/api/3/webhook'
const these = { json: { webhookIds: [{ $number: '{activation}' }] } }
const said = { first: ['$.webhookRegistrationResult[0].errors[0]', '$.errorMessages[0]'] }
const taken = { capture: { of: said, pattern: '(single URL)' } }

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
      'project != null as a filter that takes every issue was seen to work on one live site; the pages name none',
      'How Jira says that an app has one URL is from memory, and so is unauthorized_client for a dead refresh token',
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
    refresh: { kind: 'rotating', seconds: 7_776_000, refused: ['unauthorized_client', 'status_403'] },
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
      shape: 'the host of the site, such as acme.atlassian.net',
      from: 'consent',
    },
    {
      kind: 'cloud',
      word: 'cloudId',
      noun: 'site',
      normalise: 'text',
      pattern: '^[0-9A-Za-z-]{1,64}$',
      shape: 'up to 64 letters, digits or -',
      from: 'consent',
    },
  ],
  identity: {
    from: sites,
    items: '$[*]',
    accounts: { site: { capture: { of: '@.url', pattern: '^https://([^/]{1,253})' } }, cloud: '@.id' },
    name: '@.name',
  },
  api: { base: '{api}/ex/jira/{account.cloud}' },
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
        ...common,
        resource: { type: { text: 'issue' }, id: '@.issue.id' },
      },
      {
        name: 'other',
        when: '@.webhookEvent',
        ...common,
        resource: {
          type: { capture: { of: '@.webhookEvent', pattern: '^(?:jira:)?([a-z]+)' } },
          id: {
            first: ['@.comment.id', '@.worklog.id', '@.sprint.id', '@.version.id', '@.issueLink.id', '@.project.id'],
          },
        },
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
    noun: 'site',
    steps: [
      'By an administrator of the site: Settings > System > WebHooks > Create, URL {callback} and a Secret',
      'Or POST https://api.atlassian.com/ex/jira/<cloudId>/rest/api/3/webhook, as "whs activate" does with the tenant’s ' +
        'token: one URL for all of an app, and 30 days long',
    ],
    api: {
      per: 'resource',
      resources: { call: sites, items: '$[*]', id: '@.id', name: '@.name', usual: '@.id' },
      list: {
        call: { method: 'GET', url: `${hooks}?maxResults=100` },
        items: '$.values[*]',
        id: '@.id',
        url: '@.url',
        expires: { at: '@.expirationDate', unit: 'iso' },
      },
      create: {
        method: 'POST',
        url: hooks,
        body: { json: { url: '{callback}', webhooks: [{ events, jqlFilter: 'project != null' }] } },
        failedWhen: '$.webhookRegistrationResult[0].errors',
      },
      made: { id: '$.webhookRegistrationResult[0].createdWebhookId' },
      renew: {
        call: { method: 'PUT', url: `${hooks}/refresh`, body: these },
        expires: { at: '$.expirationDate', unit: 'iso' },
      },
      move: 'remove-first',
      remove: { method: 'DELETE', url: hooks, body: these },
      scopes: ['read:jira-work', 'manage:jira-webhook'],
      refusals: [{ status: [200, 400], when: { exists: taken }, means: 'taken' }],
    },
  },
  // A site may get another name: its cloudId stays.
  resolve: [
    {
      name: 'site',
      from: site.at,
      as: 'tenant',
      call: sites,
      items: '$[*]',
      equals: { capture: { of: '@.url', pattern: '^https://([^/]{1,253})' } },
      account: { kind: 'cloud', at: '@.id' },
    },
  ],
  record: [
    {
      words: { issue: 'issue', project: 'project', version: 'version' },
      call: { method: 'GET', url: '{api}/ex/jira/{account.cloud}/rest/api/3/{resource}/{resourceId}' },
      at: '$',
    },
  ],
} satisfies ProviderDefinition
