import type { ProviderDefinition } from '../core/definition.ts'

/** A credit note or an invoice names its contact too, but not at its top. */
const changedId = { first: ['@.InvoiceID', '@.CreditNoteID', '@.ContactID'] }

/** https://developer.xero.com/documentation/guides/webhooks/overview */
export const xero: ProviderDefinition = {
  id: 'xero',
  name: 'Xero',
  company: 'Xero',
  docs: {
    oauth: 'https://developer.xero.com/documentation/guides/oauth2/auth-flow',
    webhooks: 'https://developer.xero.com/documentation/guides/webhooks/overview',
    portal: 'https://developer.xero.com/app/manage',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'signatures made by Python’s hmac module, as Xero has no package that verifies',
    uncertain: [
      'The revocation endpoint would end all of the person’s connections: only the one organisation is removed.',
      'Xero tells no exact times between its tries, only that they grow and end after 24 hours.',
      'Apps made before 2 March 2026 may need the scope accounting.transactions.read in place of the invoices’ own.',
      'Whether a web app may use PKCE is not documented: it is not used.',
      'The plural of a resource in the API’s path was read for invoices, contacts and credit notes alone.',
      'If-Modified-Since, the page count and the form of UpdatedDateUTC are from memory, as is that it is a webhook’s time.',
      'What is caught up is told as updated, created or not, and several changes of a thing come as one.',
      'How much may be asked of one organisation (60 calls a minute, 5 at once) is from memory.',
    ],
  },
  hosts: {
    production: {
      login: 'https://login.xero.com',
      identity: 'https://identity.xero.com',
      api: 'https://api.xero.com',
    },
  },
  portal: {
    clientId: { label: 'Client id', where: 'My Apps > your app > Configuration' },
    redirectUri: { label: 'Redirect URIs', where: 'My Apps > your app > Configuration' },
    callbackUrl: { label: 'Delivery URL', where: 'My Apps > your app > Webhooks' },
    events: [
      'My Apps > your app > Webhooks: press "Send intent to receive" while whs is listening and has the Webhooks key',
      'Xero sends right and wrong signatures, and wants 200 and 401: Status must become OK',
      'Whenever the URL changes this is to be done again',
    ],
  },
  secrets: {
    client: { label: 'Client secret', where: 'My Apps > your app > Configuration > Generate a secret' },
    webhook: { label: 'Webhooks key', where: 'My Apps > your app > Webhooks', later: true },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{login}/identity/connect/authorize',
    tokenUrl: '{identity}/connect/token',
    scopes: [
      'openid',
      'profile',
      'email',
      'offline_access',
      'accounting.invoices.read',
      'accounting.contacts.read',
      'accounting.settings.read',
    ],
    scopeSeparator: ' ',
    pkce: 'none',
    clientAuth: 'basic',
    refresh: { kind: 'rotating', seconds: 5_184_000 },
    accessSeconds: 1800,
    revoke: { call: { method: 'DELETE', url: '{api}/connections/{connection}' } },
    redirect: { production: 'loopback' },
  },
  accounts: [
    {
      kind: 'organisation',
      word: 'tenantId',
      noun: 'organisation',
      normalise: 'lower',
      pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
      shape: 'a UUID: 32 hex digits in groups of 8, 4, 4, 4 and 12',
      from: 'consent',
    },
  ],
  identity: {
    from: { method: 'GET', url: '{api}/connections?authEventId={access.authentication_event_id}' },
    items: '$[*]',
    where: { at: '@.tenantType', is: 'ORGANISATION' },
    accounts: { organisation: '@.tenantId' },
    name: '@.tenantName',
    learn: { connection: '@.id' },
  },
  api: { headers: { 'xero-tenant-id': '{account}' }, limits: { calls: 60, seconds: 60, concurrent: 5 } },
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        encoding: 'base64',
        header: { names: ['x-xero-signature'] },
        signs: ['body'],
        key: { secret: 'webhook' },
      },
    ],
    handshakes: [
      {
        kind: 'intent-to-receive',
        method: 'POST',
        when: [{ empty: '$.events' }],
        probes: true,
        proof: 'signature',
        reply: { status: 200 },
      },
    ],
    split: ['$.events[*]'],
    shapes: [
      {
        name: 'application',
        when: { at: '@.tenantType', is: 'APPLICATION' },
        scope: 'app',
        providerEvent: { template: '{@.eventCategory}.{@.eventType}' },
        derived: ['@.tenantId', '@.resourceId', '@.eventCategory', '@.eventType', '@.eventDateUtc'],
        time: '@.eventDateUtc',
        resource: {
          type: { map: { of: '@.eventCategory', words: { SUBSCRIPTION: 'Subscription' } } },
          id: '@.resourceId',
        },
        accounts: [],
      },
      {
        name: 'event',
        when: '@.eventCategory',
        providerEvent: { template: '{@.eventCategory}.{@.eventType}' },
        derived: ['@.tenantId', '@.resourceId', '@.eventCategory', '@.eventType', '@.eventDateUtc'],
        time: '@.eventDateUtc',
        resource: {
          type: {
            map: {
              of: '@.eventCategory',
              words: { CONTACT: 'Contact', INVOICE: 'Invoice', CREDITNOTE: 'CreditNote' },
            },
          },
          id: '@.resourceId',
        },
        accounts: [{ kind: 'organisation', at: '@.tenantId' }],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 5000 },
    retries: [30, 120, 600, 1800, 3600, 7200, 14_400],
  },
  activation: {
    per: 'app',
    by: 'portal',
    steps: [
      'My Apps > your app > Webhooks: tick the event categories you want (Contacts, Invoices …)',
      'Enter {callback} as Delivery URL and save; do not press "Send intent to receive" before whs has the Webhooks key',
    ],
  },
  record: [
    {
      words: { Invoice: 'Invoices', Contact: 'Contacts', CreditNote: 'CreditNotes' },
      call: {
        method: 'GET',
        url: '{api}/api.xro/2.0/{resource}/{resourceId}',
        headers: { 'xero-tenant-id': '{account}', accept: 'application/json' },
      },
      at: '$.{resource}[0]',
    },
  ],
  feeds: [
    {
      name: 'modified',
      use: ['catch-up'],
      per: 'account',
      call: {
        method: 'GET',
        url: '{api}/api.xro/2.0/{type}s?page=1&includeArchived=true',
        headers: { 'xero-tenant-id': '{account}', accept: 'application/json', 'If-Modified-Since': '{since.utc}' },
        page: { by: 'number', parameter: 'page', pages: '$.pagination.pageCount' },
      },
      types: ['Invoice', 'Contact', 'CreditNote'],
      cursor: { time: { overlapSeconds: 300 } },
      split: ["$['Invoices','Contacts','CreditNotes'][*]"],
      shapes: [
        {
          name: 'modified',
          when: '@.UpdatedDateUTC',
          providerEvent: {
            join: [
              {
                map: {
                  of: { step: 1 },
                  words: { Invoices: 'INVOICE', Contacts: 'CONTACT', CreditNotes: 'CREDITNOTE' },
                },
              },
              { text: 'UPDATE' },
            ],
            by: '.',
          },
          derived: [{ step: 1 }, changedId, '@.UpdatedDateUTC'],
          time: { capture: { of: '@.UpdatedDateUTC', pattern: '^/Date[(]([0-9]{12,15})' } },
          resource: {
            type: {
              map: {
                of: { step: 1 },
                words: { Invoices: 'Invoice', Contacts: 'Contact', CreditNotes: 'CreditNote' },
              },
            },
            id: changedId,
          },
          accounts: [],
        },
      ],
      same: { withinSeconds: 1 },
    },
  ],
}
