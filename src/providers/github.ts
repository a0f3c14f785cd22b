import type { ProviderDefinition } from '../core/definition.ts'

const asApp = { jwt: '{secret.privateKey}', issuer: '{clientId}' }
const versioned = { Accept: 'application/vnd.github+json', 'X-GitHub-Api-Version': '2022-11-28' }

/** What events of issues and pull requests are about. */
const thing = { capture: { of: { header: 'x-github-event' }, pattern: '^(issue|pull_request)' } }
const numbered = {
  first: ['issue', 'pull_request'].map(one => ({ template: `{@.repository.full_name}#{@.${one}.number}` })),
}

/** A GitHub App: https://docs.github.com/en/webhooks and https://docs.github.com/en/apps/creating-github-apps */
export const github = {
  id: 'github',
  name: 'GitHub App',
  company: 'GitHub',
  docs: {
    oauth: 'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app',
    webhooks: 'https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries',
    portal: 'https://github.com/settings/apps',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'the vector on the page about validating deliveries, and sign of @octokit/webhooks-methods 6.0.0',
    uncertain: [
      'The app has to be installed before the consent; who may only ask for it has none until an owner agrees',
      'That marketplace_purchase and security_advisory name no installation is from memory: they count as GitHub’s own',
      'The form content type (JSON in the field payload) is from memory and accepted',
      'The body of the call that revokes a token, and bad_refresh_token for a dead one, are from memory',
      'Which http loopback redirects are accepted is third-party knowledge',
      'That deliveries are listed for 3 days is the limit of sending them again; the list may reach further back',
      'The fields of installation.suspend and unsuspend are from memory',
    ],
  },
  hosts: { production: { web: 'https://github.com', api: 'https://api.github.com' } },
  portal: {
    clientId: { label: 'Client ID', where: 'Developer settings > GitHub Apps > your app > General > About' },
    redirectUri: {
      label: 'Callback URL',
      where: 'Developer settings > GitHub Apps > your app > General > Identifying and authorizing users',
    },
    callbackUrl: { label: 'Webhook URL', where: 'Developer settings > GitHub Apps > your app > General > Webhook' },
    events: [
      'Permissions & events > Repository permissions: read access to what you want events of (Issues, Contents …)',
      'Permissions & events > Subscribe to events: tick the events, Save changes',
      'Each tenant installs the app (Install App in its menu, or its public page) before it is connected',
    ],
  },
  secrets: {
    client: {
      label: 'Client secret',
      where: 'Developer settings > GitHub Apps > your app > General > Client secrets > Generate a new client secret',
    },
    webhook: {
      label: 'Webhook secret',
      where: 'your own choice, typed into Developer settings > GitHub Apps > your app > General > Webhook',
    },
    privateKey: {
      label: 'Private key',
      where:
        'Developer settings > GitHub Apps > your app > General > Private keys; with it "whs catchup" sees what failed',
      later: true,
      optional: true,
    },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{web}/login/oauth/authorize',
    tokenUrl: '{web}/login/oauth/access_token',
    scopes: [],
    scopeSeparator: ' ',
    leaveOut: ['scope'],
    pkce: 'S256',
    clientAuth: 'post',
    reply: { refreshExpiresIn: '$.refresh_token_expires_in', failedWhen: '$.error', error: '$.error' },
    refresh: { kind: 'rotating', refused: ['bad_refresh_token'] },
    accessSeconds: null,
    revoke: {
      call: {
        method: 'DELETE',
        url: '{api}/applications/{clientId}/token',
        auth: { basic: ['{clientId}', '{secret.client}'] },
        headers: { Accept: 'application/vnd.github+json' },
        body: { json: { access_token: '{token}' } },
      },
    },
    redirect: { production: 'loopback' },
  },
  accounts: [
    {
      kind: 'installation',
      word: 'installation id',
      noun: 'installation',
      normalise: 'text',
      pattern: '^[0-9]{1,20}$',
      shape: 'up to 20 digits',
      from: 'consent',
    },
  ],
  identity: {
    from: {
      method: 'GET',
      url: '{api}/user/installations?per_page=100',
      headers: versioned,
      page: { by: 'link' },
    },
    items: '$.installations[*]',
    accounts: { installation: '@.id' },
    name: '@.account.login',
  },
  api: { headers: { Accept: 'application/vnd.github+json', 'X-GitHub-Api-Version': '2022-11-28' } },
  lifecycle: [
    { events: ['installation.deleted'], means: 'revoked', why: 'the GitHub App was uninstalled' },
    { events: ['installation.suspend'], means: 'broken', why: 'the installation is suspended' },
    { events: ['installation.unsuspend'], means: 'active', why: 'the installation is no longer suspended' },
  ],
  webhook: {
    methods: ['POST'],
    body: ['json', { jsonField: 'payload' }],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        encoding: 'hex',
        header: { names: ['x-hub-signature-256'], prefix: 'sha256=' },
        signs: ['body'],
        key: { secret: 'webhook' },
      },
    ],
    split: ['$'],
    shapes: [
      {
        name: 'event',
        when: '@.installation.id',
        providerEvent: { join: [{ header: 'x-github-event' }, '@.action'], by: '.' },
        id: { header: 'x-github-delivery' },
        resource: { type: thing, id: numbered },
        accounts: [{ kind: 'installation', at: '@.installation.id' }],
      },
      {
        name: 'platform',
        when: {
          at: { header: 'x-github-event' },
          is: ['ping', 'github_app_authorization', 'marketplace_purchase', 'security_advisory'],
        },
        scope: 'app',
        providerEvent: { join: [{ header: 'x-github-event' }, '@.action'], by: '.' },
        id: { header: 'x-github-delivery' },
        accounts: [],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 10_000 },
    retries: [],
  },
  activation: {
    per: 'app',
    by: 'portal',
    steps: [
      'Developer settings > GitHub Apps > your app > General > Webhook: tick Active, enter {callback} as Webhook URL',
      'Webhook secret: a long random text of your own, the same as you gave to whs; Save changes',
    ],
  },
  record: [
    {
      words: { issue: 'issues', pull_request: 'pulls' },
      slots: {
        owner: { capture: { of: '@.repository.full_name', pattern: '^([^/]+)/' } },
        repo: { capture: { of: '@.repository.full_name', pattern: '/([^/]+)$' } },
        number: { first: ['@.issue.number', '@.pull_request.number'] },
      },
      call: { method: 'GET', url: '{api}/repos/{owner}/{repo}/{resource}/{number}', headers: versioned },
      at: '$',
    },
  ],
  feeds: [
    {
      name: 'deliveries',
      use: ['catch-up'],
      per: 'app',
      call: {
        method: 'GET',
        url: '{api}/app/hook/deliveries?per_page=100',
        auth: asApp,
        headers: versioned,
        page: { by: 'link' },
      },
      cursor: { time: { overlapSeconds: 60 } },
      each: {
        items: '$[*]',
        where: { exists: '@.installation_id' },
        item: '@.id',
        id: '@.guid',
        time: '@.delivered_at',
        call: { method: 'GET', url: '{api}/app/hook/deliveries/{item}', auth: asApp, headers: versioned },
      },
      split: ['$.request.payload'],
      shapes: [
        {
          name: 'delivery',
          when: '$.guid',
          providerEvent: { join: ['$.event', '$.action'], by: '.' },
          id: '$.guid',
          time: '$.delivered_at',
          accounts: [{ kind: 'installation', at: '$.installation_id' }],
        },
      ],
      same: 'id',
      newestFirst: true,
      maxDays: 3,
    },
  ],
} satisfies ProviderDefinition
