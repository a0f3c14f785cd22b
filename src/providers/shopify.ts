import type { ProviderDefinition } from '../core/definition.ts'
import type { RecordRead } from '../core/record-definition.ts'

const queries = {
  create:
    'mutation($topic: WebhookSubscriptionTopic!, $uri: String!) { made: webhookSubscriptionCreate(topic: $topic, ' +
    'webhookSubscription: { uri: $uri }) { webhookSubscription { id } userErrors { message } } }',
  remove: 'mutation($id: ID!) { made: webhookSubscriptionDelete(id: $id) { userErrors { message } } }',
}
const said = { of: { first: ['$.errors[0].message', '$.data.made.userErrors[0].message'] } }
/** The Admin API tells refusals in an answer of status 200. */
const admin = {
  method: 'POST',
  url: '{admin}/admin/api/2026-07/graphql.json',
  auth: { header: 'X-Shopify-Access-Token', value: '{token}' },
  failedWhen: { exists: said.of },
} as const
/** How a thing is read by its global id: it is null where it is gone. */
function readBy(resource: string, types: string[], fields: string): RecordRead {
  const query = `query($id: ID!) { node(id: $id) { id ... on ${resource} { createdAt updatedAt ${fields} } } }`
  return {
    words: Object.fromEntries(types.map(type => [type, resource])),
    slots: { gid: { first: [{ header: 'shopify-resource-id' }, '@.admin_graphql_api_id'] } },
    call: { ...admin, body: { json: { query, variables: { id: '{gid}' } } } },
    at: '$.data.node',
    gone: [{ status: 200, when: { all: ['$.data.node', { absent: '$.data.node.id' }, { absent: said.of }] } }],
  }
}
const ofShop = { kind: 'shop', at: { header: 'x-shopify-shop-domain' } }

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
      'The fields of orders, products and customers that are fetched are from memory.',
      'That the API does not list the subscriptions of the app’s configuration is from memory, and so are its refusals’ words.',
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
    events: [],
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
      shape: '<shop>.myshopify.com',
      from: 'consent',
    },
  ],
  identity: {
    from: 'callback',
    accounts: { shop: '$.shop' },
    prove: {
      call: { ...admin, body: { json: { query: '{ shop { myshopifyDomain name } }' } } },
      equals: '$.data.shop.myshopifyDomain',
      name: '$.data.shop.name',
    },
  },
  api: { base: '{admin}', auth: { header: 'X-Shopify-Access-Token', value: '{token}' } },
  lifecycle: [{ events: ['app/uninstalled'], means: 'revoked', why: 'the shop uninstalled the app' }],
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
        accounts: [{ agree: [{ kind: 'shop', at: '@.shop_domain' }, ofShop] }],
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
        accounts: [ofShop],
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
    noun: 'topic',
    steps: [
      'For all shops by the app’s own configuration: in shopify.app.toml add [[webhooks.subscriptions]]',
      'Give it uri = "{callback}" and topics = ["orders/create", "app/uninstalled"]: the last one says that a tenant has left',
      'An app of the App Store also needs compliance_topics: customers/data_request, customers/redact and shop/redact',
      'Run: shopify app deploy; what stands there is not made again by the API, or it comes twice',
    ],
    api: {
      per: 'resource',
      resources: {
        all: [
          { id: 'ORDERS_CREATE', name: 'orders/create', usual: true },
          { id: 'ORDERS_UPDATED', name: 'orders/updated', usual: true },
          { id: 'APP_UNINSTALLED', name: 'app/uninstalled', usual: true },
          { id: 'PRODUCTS_CREATE', name: 'products/create' },
          { id: 'PRODUCTS_UPDATE', name: 'products/update' },
          { id: 'CUSTOMERS_CREATE', name: 'customers/create' },
          { id: 'CUSTOMERS_UPDATE', name: 'customers/update' },
        ],
      },
      list: {
        call: {
          ...admin,
          body: { json: { query: '{ webhookSubscriptions(first: 250) { nodes { id topic uri } } }' } },
        },
        items: '$.data.webhookSubscriptions.nodes[*]',
        id: '@.id',
        url: '@.uri',
        resource: '@.topic',
      },
      create: {
        ...admin,
        body: { json: { query: queries.create, variables: { topic: '{resource}', uri: '{callback}' } } },
      },
      made: { id: '$.data.made.webhookSubscription.id' },
      remove: { ...admin, body: { json: { query: queries.remove, variables: { id: '{activation}' } } } },
      refusals: [
        { status: 200, when: { exists: { capture: { ...said, pattern: '(already been taken)' } } }, means: 'taken' },
        { status: 200, when: { exists: { capture: { ...said, pattern: '(does not exist)' } } }, means: 'gone' },
        { status: 200, when: { exists: { capture: { ...said, pattern: '([Aa]ccess|permission)' } } }, means: 'scope' },
        { status: 200, when: { exists: { capture: { ...said, pattern: '([Aa]ddress)' } } }, means: 'unreachable' },
      ],
    },
  },
  record: [
    readBy('Order', ['order', 'orders'], 'name email displayFinancialStatus displayFulfillmentStatus cancelledAt'),
    readBy('Product', ['product', 'products'], 'title handle status vendor productType'),
    readBy('Customer', ['customer', 'customers'], 'displayName state note'),
  ],
} satisfies ProviderDefinition
