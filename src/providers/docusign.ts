import type { ProviderDefinition } from '../core/definition.ts'

const connect = '{api}/restapi/v2.1/accounts/{account}/connect'
/** What is made by the API. The key of your own account signs it for every tenant (integratorManaged). */
const configuration = {
  configurationType: 'custom',
  name: 'whs',
  urlToPublishTo: '{callback}',
  allUsers: 'true',
  allowEnvelopePublish: 'true',
  events: ['sent', 'delivered', 'completed', 'declined', 'voided'].map(state => `envelope-${state}`),
  deliveryMode: 'SIM',
  eventData: { version: 'restv2.1', format: 'json' },
  includeHMAC: 'true',
  requiresAcknowledgement: 'true',
  integratorManaged: 'true',
}

/** `envelope-completed` → `envelope.completed` */
const event = {
  join: [{ part: { of: '@.event', by: '-', from: 0, to: 1 } }, { part: { of: '@.event', by: '-', from: 1 } }],
  by: '.',
}
const accounts = [
  {
    agree: [
      { kind: 'account', at: '@.data.accountId' },
      { kind: 'configuration', at: '@.configurationId' },
    ],
  },
]

/** https://developers.docusign.com/platform/webhooks/connect/ and …/connect/validate/ */
export const docusign = {
  id: 'docusign',
  name: 'DocuSign',
  company: 'DocuSign',
  docs: {
    oauth: 'https://developers.docusign.com/platform/auth/authcode/',
    webhooks: 'https://developers.docusign.com/platform/webhooks/connect/',
    portal: 'https://admindemo.docusign.com/apps-and-keys',
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
      'The legacy aggregate mode in XML is kept as unreadable, not read.',
      'The address of Apps and Keys is from memory, and that of a developer account (else admin.docusign.com).',
      'That the list of configurations shows connectId, and which codes refuse a plan or a user, is from memory.',
      'That each refresh gives a refresh token that lives for 30 days more is from memory.',
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
    events: [],
  },
  secrets: {
    client: { label: 'Secret Key', where: 'Settings > Apps and Keys > your app > Authentication' },
    webhook: {
      label: 'HMAC key',
      where:
        'Settings > Integrations > Connect > Connect Keys of your own account, if configurations are integratorManaged',
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
    refresh: { kind: 'rotating', seconds: 2_592_000 },
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
      shape: 'a UUID: 32 hex digits in groups of 8, 4, 4, 4 and 12',
      from: 'consent',
    },
    {
      kind: 'configuration',
      word: 'configurationId',
      noun: 'Connect configuration',
      normalise: 'text',
      pattern: '^[0-9]{1,20}$',
      shape: 'up to 20 digits',
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
        event,
        derived: ['@.event', '@.data.envelopeId', '@.data.recipientId', '@.generatedDateTime'],
        time: '@.generatedDateTime',
        resource: { type: { text: 'envelope' }, id: '@.data.envelopeId' },
        accounts,
      },
      {
        name: 'template',
        when: '@.data.templateId',
        providerEvent: '@.event',
        event,
        derived: ['@.event', '@.data.templateId', '@.generatedDateTime'],
        time: '@.generatedDateTime',
        resource: { type: { text: 'template' }, id: '@.data.templateId' },
        accounts,
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
    ],
    api: {
      list: {
        call: { method: 'GET', url: connect },
        items: '$.configurations[*]',
        where: { at: '@.allowEnvelopePublish', is: 'true' },
        id: '@.connectId',
        url: '@.urlToPublishTo',
      },
      create: { method: 'POST', url: connect, body: { json: configuration } },
      made: { id: '$.connectId' },
      move: { method: 'PUT', url: connect, body: { json: { ...configuration, connectId: '{activation}' } } },
      remove: { method: 'DELETE', url: `${connect}/{activation}` },
      scopes: ['signature'],
      refusals: [
        { status: [400, 401, 403], when: { at: '$.errorCode', is: 'ACCOUNT_LACKS_PERMISSIONS' }, means: 'plan' },
        { status: [400, 401, 403], when: { at: '$.errorCode', is: 'USER_LACKS_PERMISSIONS' }, means: 'scope' },
      ],
    },
  },
  record: [
    {
      words: { envelope: 'envelopes', template: 'templates' },
      call: { method: 'GET', url: '{api}/restapi/v2.1/accounts/{account}/{resource}/{resourceId}' },
      at: '$',
    },
  ],
} satisfies ProviderDefinition
