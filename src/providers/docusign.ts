import type { ProviderDefinition } from '../core/definition.ts'

/** https://developers.docusign.com/platform/webhooks/connect/ and …/connect/validate/ */
export const docusign = {
  id: 'docusign',
  name: 'DocuSign',
  company: 'DocuSign',
  docs: {
    oauth: 'https://developers.docusign.com/platform/auth/authcode/',
    webhooks: 'https://developers.docusign.com/platform/webhooks/connect/',
    portal: 'https://developers.docusign.com/platform/webhooks/connect/validate/',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: "npm nuxt-webhook-validators 0.2.12; the formula of DocuSign's own Node example",
    uncertain: [
      'DocuSign says that a failed message is tried once a day, at most ten times; a third party says after 15 s.',
      'The answer is said to be waited for 100 s; that is from memory.',
      'Without requiresAcknowledgement a delivery may count as done whatever it is answered.',
      'That a token can be revoked at /oauth/revoke is from memory.',
      'That http://localhost is taken as redirect URI in production too is from memory.',
      'Whether the list of configurations shows the configurationId is not known.',
      'The legacy aggregate mode in XML is kept as unreadable, not read.',
    ],
  },
  hosts: {
    production: { account: 'https://account.docusign.com', api: 'https://{site}.docusign.net' },
    sandbox: { account: 'https://account-d.docusign.com', api: 'https://{site}.docusign.net' },
  },
  portal: {
    clientId: { label: 'Integration Key', where: 'Settings > Apps and Keys > your app' },
    redirectUri: { label: 'Redirect URIs', where: 'Settings > Apps and Keys > your app > Additional settings' },
    callbackUrl: { label: 'URL to Publish', where: 'Settings > Integrations > Connect > your configuration' },
    events: ['Every account has a Connect configuration of its own, by hand or by the API (integratorManaged)'],
  },
  secrets: {
    client: { label: 'Secret Key', where: 'Settings > Apps and Keys > your app > Authentication' },
    webhook: {
      label: 'HMAC key (of your own account, where configurations are integratorManaged)',
      where: 'Settings > Integrations > Connect > Connect Keys',
      optional: true,
      later: true,
    },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{account}/oauth/auth',
    tokenUrl: '{account}/oauth/token',
    scopes: ['signature', 'extended'],
    scopeSeparator: ' ',
    pkce: 'S256',
    clientAuth: 'basic',
    refresh: { kind: 'rotating' },
    accessSeconds: 28_800,
    revoke: { url: '{account}/oauth/revoke', body: 'form', field: 'token' },
    redirect: { production: 'loopback', sandbox: 'loopback' },
  },
  accounts: [
    {
      kind: 'account',
      word: 'account_id',
      noun: 'account',
      normalise: 'lower',
      pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
      from: 'consent',
    },
    {
      kind: 'configuration',
      word: 'configurationId',
      noun: 'Connect configuration',
      normalise: 'text',
      pattern: '^[0-9]{1,20}$',
      from: 'activation',
    },
  ],
  identity: {
    from: { method: 'GET', url: '{account}/oauth/userinfo' },
    items: '$.accounts[*]',
    accounts: { account: '@.account_id' },
    name: '@.account_name',
    learn: { site: { capture: { of: '@.base_uri', pattern: '^https://([a-z0-9-]+)\\.docusign\\.net' } } },
  },
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        encoding: 'base64',
        header: { names: ['x-docusign-signature-{n}'] },
        signs: ['body'],
        key: { secret: 'webhook', of: 'either', activation: '$.configurationId' },
      },
    ],
    split: ['$'],
    shapes: [
      {
        name: 'envelope',
        when: '@.data.envelopeId',
        providerEvent: '@.event',
        event: {
          join: [{ part: { of: '@.event', by: '-', from: 0, to: 1 } }, { part: { of: '@.event', by: '-', from: 1 } }],
          by: '.',
        },
        derived: ['@.event', '@.data.envelopeId', '@.data.recipientId', '@.generatedDateTime'],
        time: '@.generatedDateTime',
        resource: { type: { text: 'envelope' }, id: '@.data.envelopeId' },
        accounts: [
          {
            agree: [
              { kind: 'account', at: '@.data.accountId' },
              { kind: 'configuration', at: '@.configurationId' },
            ],
          },
        ],
      },
      {
        name: 'template',
        when: '@.data.templateId',
        providerEvent: '@.event',
        event: {
          join: [{ part: { of: '@.event', by: '-', from: 0, to: 1 } }, { part: { of: '@.event', by: '-', from: 1 } }],
          by: '.',
        },
        derived: ['@.event', '@.data.templateId', '@.generatedDateTime'],
        time: '@.generatedDateTime',
        resource: { type: { text: 'template' }, id: '@.data.templateId' },
        accounts: [
          {
            agree: [
              { kind: 'account', at: '@.data.accountId' },
              { kind: 'configuration', at: '@.configurationId' },
            ],
          },
        ],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 100_000 },
    retries: [86_400],
  },
  activation: {
    per: 'tenant',
    by: 'either',
    secret: 'given',
    kind: 'configuration',
    noun: 'Connect configuration',
    steps: [
      'In the account of the tenant: Settings > Integrations > Connect > Add Configuration > Custom',
      'URL to Publish: {callback}',
      'Data Format: REST v2.1, JSON; Event Message Delivery Mode: Send Individual Messages (SIM)',
      'Tick "Include HMAC Signature", "Require Acknowledgement" and the events, then save',
      'Connect > Connect Keys > Add Secret Key, and give it to whs (it is shown once)',
      'By the API: POST …/accounts/{accountId}/connect with configurationType "custom", urlToPublishTo, allUsers ' +
        '"true", allowEnvelopePublish "true", events, deliveryMode "SIM", eventData {"version":"restv2.1",' +
        '"format":"json"}, includeHMAC "true", requiresAcknowledgement "true" and integratorManaged "true" (then ' +
        'the key of your own account signs for every tenant)',
    ],
  },
  record: {
    call: { method: 'GET', url: '{api}/restapi/v2.1/accounts/{account}/{resource}/{resourceId}' },
    at: '$',
    words: { envelope: 'envelopes', template: 'templates' },
  },
} satisfies ProviderDefinition
