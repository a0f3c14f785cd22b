import type { ProviderDefinition } from '../core/definition.ts'

/** https://shopify.dev/docs/apps/build/webhooks and https://shopify.dev/docs/apps/build/events */
export const shopify = {
  id: 'shopify',
  name: 'Shopify',
  company: 'Shopify',
  docs: {
    oauth: 'https://shopify.dev/docs/apps/build/authentication-authorization',
    webhooks: 'https://shopify.dev/docs/apps/build/webhooks',
    portal: 'https://dev.shopify.com/dashboard',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'signatures made and verified by Shopify’s own package @shopify/shopify-api',
    uncertain: [
      'A redirect to http://localhost works while developing, second hand: the public URL is used.',
      'The times between the 8 tries of 4 hours are a guess; only their number and sum are documented.',
      'That 401 is the wanted answer to a wrong signature is from memory.',
      'Deliveries signed with a secret that was rotated out may come for a while, from memory: keep the old one a day.',
      'Webhooks made by hand in a shop’s Settings > Notifications have that shop’s own secret and are not accepted.',
      'Events (headers without X-) are a developer preview: both header sets are read.',
      'Uninstalling by the API is from memory: a shop’s owner does it in the shop’s admin.',
      'Where the Dev Dashboard shows the client ID and how the app’s file spells its tables is from memory.',
    ],
  },
  hosts: { production: { admin: 'https://{shop}.myshopify.com' } },
  ask: [
    {
      name: 'shop',
      label: 'Shop domain',
      example: 'acme-store',
      pattern: '[A-Za-z0-9][A-Za-z0-9-]{0,62}',
      suffix: '.myshopify.com',
    },
  ],
  portal: {
    clientId: { label: 'Client ID', where: 'Dev Dashboard > your app > Settings' },
    redirectUri: { label: 'Redirect URLs', where: 'Dev Dashboard > your app > Versions > Redirect URLs' },
    callbackUrl: { label: 'uri', where: 'shopify.app.toml > [[webhooks.subscriptions]]' },
    events: [
      'List the topics you want (orders/create, products/update …) and deploy the app’s configuration',
      'Add app/uninstalled: it says that a tenant has left',
      'An app of the App Store needs customers/data_request, customers/redact and shop/redact as compliance_topics',
    ],
  },
  secrets: {
    client: { label: 'Client secret', where: 'Dev Dashboard > your app > Settings' },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{admin}/admin/oauth/authorize',
    tokenUrl: '{admin}/admin/oauth/access_token',
    scopes: ['read_orders', 'read_products', 'read_customers'],
    scopeSeparator: ',',
    leaveOut: ['response_type'],
    pkce: 'none',
    clientAuth: 'post',
    tokenBody: 'json',
    tokenParameters: { expiring: '1' },
    reply: { refreshExpiresIn: '$.refresh_token_expires_in' },
    refresh: { kind: 'rotating' },
    accessSeconds: null,
    redirect: { production: 'public' },
    callbackSignature: { hash: 'sha256', parameter: 'hmac', secret: 'client' },
  },
  accounts: [
    {
      kind: 'shop',
      word: 'shop',
      noun: 'shop',
      normalise: 'lower',
      pattern: '^[a-z0-9][a-z0-9-]{0,62}[.]myshopify[.]com$',
      from: 'consent',
    },
  ],
  identity: {
    from: 'callback',
    accounts: { shop: '$.shop' },
    prove: {
      call: {
        method: 'POST',
        url: '{admin}/admin/api/2026-07/graphql.json',
        auth: { header: 'X-Shopify-Access-Token', value: '{token}' },
        body: { json: { query: '{ shop { myshopifyDomain name } }' } },
      },
      equals: '$.data.shop.myshopifyDomain',
      name: '$.data.shop.name',
    },
  },
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        encoding: 'base64',
        header: { names: ['x-shopify-hmac-sha256', 'shopify-hmac-sha256'] },
        signs: ['body'],
        key: { secret: 'client' },
      },
    ],
    split: ['$'],
    shapes: [
      {
        name: 'compliance',
        when: {
          at: { header: 'x-shopify-topic' },
          is: ['customers/data_request', 'customers/redact', 'shop/redact'],
        },
        providerEvent: { header: 'x-shopify-topic' },
        id: { header: 'x-shopify-webhook-id' },
        time: { header: 'x-shopify-triggered-at' },
        accounts: [
          {
            agree: [
              { kind: 'shop', at: '@.shop_domain' },
              { kind: 'shop', at: { header: 'x-shopify-shop-domain' } },
            ],
          },
        ],
      },
      {
        name: 'webhook',
        when: { exists: { header: 'x-shopify-topic' } },
        providerEvent: { header: 'x-shopify-topic' },
        id: { header: 'x-shopify-webhook-id' },
        time: { header: 'x-shopify-triggered-at' },
        resource: {
          type: { part: { of: { header: 'x-shopify-topic' }, by: '/', from: 0, to: 1 } },
          id: '@.id',
        },
        accounts: [{ kind: 'shop', at: { header: 'x-shopify-shop-domain' } }],
      },
      {
        name: 'event',
        when: { exists: { header: 'shopify-topic' } },
        providerEvent: { join: [{ header: 'shopify-topic' }, { header: 'shopify-action' }], by: '/' },
        id: { header: 'shopify-webhook-id' },
        time: { header: 'shopify-triggered-at' },
        resource: { type: { header: 'shopify-topic' }, id: { header: 'shopify-resource-id' } },
        accounts: [{ kind: 'shop', at: { header: 'shopify-shop-domain' } }],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 5000 },
    retries: [60, 120, 240, 480, 900, 1800, 3600, 7200],
  },
  activation: {
    per: 'app',
    by: 'either',
    steps: [
      'In shopify.app.toml add [[webhooks.subscriptions]] with topics = ["orders/create", "app/uninstalled"]',
      'Give it uri = "{callback}"; the same uri with compliance_topics for an app of the App Store',
      'Run: shopify app deploy',
    ],
  },
} satisfies ProviderDefinition
