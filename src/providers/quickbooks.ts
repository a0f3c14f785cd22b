import type { ProviderDefinition } from '../core/definition.ts'
import type { Shape } from '../core/webhook-definition.ts'

/** How what changed is read from CDC, which tells of each thing only as it is now. */
function changed(operation: string): Omit<Shape, 'name' | 'when'> {
  return {
    providerEvent: { join: [{ step: 1 }, { text: operation }], by: '.' },
    derived: [{ step: 1 }, '@.Id', '@.MetaData.LastUpdatedTime'],
    time: '@.MetaData.LastUpdatedTime',
    resource: { type: { step: 1 }, id: '@.Id' },
    accounts: [],
  }
}

/** What can be read one by one: preferences have no id, and a currency is another one's. */
const entities = (
  'Account Bill BillPayment Class CreditMemo Customer Department Deposit Employee Estimate Invoice Item JournalCode ' +
  'JournalEntry Payment PaymentMethod Purchase PurchaseOrder RefundReceipt SalesReceipt TaxAgency Term TimeActivity ' +
  'Transfer Vendor VendorCredit'
).split(' ')

/** https://developer.intuit.com/app/developer/qbo/docs/develop/webhooks */
export const quickbooks = {
  id: 'quickbooks',
  name: 'QuickBooks Online',
  company: 'Intuit',
  docs: {
    oauth:
      'https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-openid-discovery-doc',
    webhooks: 'https://developer.intuit.com/app/developer/qbo/docs/develop/webhooks',
    portal: 'https://developer.intuit.com/dashboard',
  },
  checked: {
    on: '2026-11-23',
    how: 'docs',
    witness: 'the two vectors in the tests of Intuit’s Java and .NET SDKs',
    uncertain: [
      'Void is spelled void or voided in CloudEvents types: both are accepted',
      'Whether one CloudEvents delivery mixes companies is third-party knowledge: deliveries are always split',
      'error=access_denied as the refusal is from memory: any error is taken as one',
      'The path of companyinfo and of CDC results is from memory',
      'That a webhook names the time that CDC does, give or take a second, is assumed: else what is caught up comes twice',
      'What CDC tells of was created where its CreateTime is its LastUpdatedTime; several changes of a thing come as one',
      'That a thing which is gone is answered 400 with the fault 610 is from memory',
      'How much may be asked of one company (500 calls a minute, 10 at once) is third-party knowledge',
    ],
  },
  hosts: {
    production: {
      authorize: 'https://appcenter.intuit.com',
      token: 'https://oauth.platform.intuit.com',
      platform: 'https://developer.api.intuit.com',
      api: 'https://quickbooks.api.intuit.com',
    },
    sandbox: {
      authorize: 'https://appcenter.intuit.com',
      token: 'https://oauth.platform.intuit.com',
      platform: 'https://developer.api.intuit.com',
      api: 'https://sandbox-quickbooks.api.intuit.com',
    },
  },
  portal: {
    clientId: { label: 'Client ID', where: 'My Hub > App dashboard > your app > Keys and credentials' },
    redirectUri: { label: 'Redirect URI', where: 'My Hub > App dashboard > your app > Settings > Redirect URIs' },
    callbackUrl: { label: 'Endpoint URL', where: 'My Hub > App dashboard > your app > Webhooks' },
    events: [],
  },
  secrets: {
    client: { label: 'Client Secret', where: 'My Hub > App dashboard > your app > Keys and credentials' },
    webhook: {
      label: 'Verifier token',
      where: 'My Hub > App dashboard > your app > Webhooks > Show verifier token',
      later: true,
    },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{authorize}/connect/oauth2',
    tokenUrl: '{token}/oauth2/v1/tokens/bearer',
    scopes: ['com.intuit.quickbooks.accounting'],
    scopeSeparator: ' ',
    pkce: 'none',
    clientAuth: 'basic',
    refresh: { kind: 'rotating' },
    reply: { refreshExpiresIn: '$.x_refresh_token_expires_in' },
    accessSeconds: 3600,
    revoke: { url: '{platform}/v2/oauth2/tokens/revoke', body: 'json', field: 'token' },
    redirect: { production: 'public', sandbox: 'loopback' },
  },
  accounts: [
    {
      kind: 'realm',
      word: 'realmId',
      noun: 'company',
      normalise: 'text',
      pattern: '^[0-9]{1,30}$',
      shape: 'up to 30 digits',
      from: 'consent',
    },
  ],
  identity: {
    from: 'callback',
    accounts: { realm: '$.realmId' },
    prove: {
      call: { method: 'GET', url: '{api}/v3/company/{account}/companyinfo/{account}?minorversion=75' },
      name: '$.CompanyInfo.CompanyName',
    },
  },
  api: { limits: { calls: 500, seconds: 60, concurrent: 10 } },
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        encoding: 'base64',
        header: { names: ['intuit-signature'] },
        signs: ['body'],
        key: { secret: 'webhook' },
      },
    ],
    split: ['$[*]', '$.eventNotifications[*].dataChangeEvent.entities[*]'],
    shapes: [
      {
        name: 'cloudevents',
        when: '@.specversion',
        providerEvent: '@.type',
        event: { part: { of: '@.type', by: '.', from: 1, to: 3 } },
        id: '@.id',
        time: '@.time',
        resource: {
          type: { part: { of: '@.type', by: '.', from: 1, to: 2 } },
          id: '@.intuitentityid',
          deletedId: '@.data.deletedid',
        },
        accounts: [{ kind: 'realm', at: '@.intuitaccountid' }],
      },
      {
        name: 'legacy',
        when: '@.operation',
        providerEvent: { template: '{@.name}.{@.operation}' },
        derived: ['$.eventNotifications[*].realmId', '@.name', '@.id', '@.operation', '@.lastUpdated'],
        time: '@.lastUpdated',
        resource: { type: '@.name', id: '@.id', deletedId: '@.deletedId' },
        accounts: [{ kind: 'realm', at: '$.eventNotifications[*].realmId' }],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 3000 },
    retries: [10, 20, 30, 300, 1200, 7200, 14400, 21600],
  },
  activation: {
    per: 'app',
    by: 'portal',
    steps: [
      'My Hub > App dashboard > your app > Webhooks: enter {callback} as Endpoint URL',
      'Tick the entities and operations you want (Invoice, Customer, Payment …)',
      'Payload format: CloudEvents (the old one works too); then Save: it may take up to 5 minutes until events come',
    ],
  },
  record: [
    {
      words: Object.fromEntries(entities.map(name => [name.toLowerCase(), name.toLowerCase()])),
      call: { method: 'GET', url: '{api}/v3/company/{account}/{resource}/{resourceId}?minorversion=75' },
      at: `$['${entities.join("','")}']`,
      gone: [{ status: 400, when: { at: '$.Fault.Error[0].code', is: '610' } }],
    },
  ],
  feeds: [
    {
      name: 'cdc',
      use: ['catch-up'],
      per: 'account',
      call: { method: 'GET', url: '{api}/v3/company/{account}/cdc?entities={types}&changedSince={since.iso}' },
      types: ['Customer', 'Invoice', 'Payment', 'Bill', 'Item', 'Vendor', 'Account', 'Estimate', 'CreditMemo'],
      cursor: { time: { overlapSeconds: 300 } },
      split: [
        "$.CDCResponse[*].QueryResponse[*]['Customer','Invoice','Payment','Bill','Item','Vendor','Account','Estimate','CreditMemo'][*]",
      ],
      shapes: [
        { name: 'deleted', when: { at: '@.status', is: 'Deleted' }, ...changed('Delete') },
        {
          name: 'created',
          when: { equal: ['@.MetaData.CreateTime', '@.MetaData.LastUpdatedTime'] },
          ...changed('Create'),
        },
        { name: 'updated', when: '@.Id', ...changed('Update') },
      ],
      same: { withinSeconds: 1 },
      maxDays: 30,
    },
  ],
} satisfies ProviderDefinition
