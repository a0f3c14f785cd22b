import type { ProviderDefinition } from '../core/definition.ts'

const hooks = '{api}/stores/{account}/v3/hooks'
const byStore = { header: 'X-Auth-Token', value: '{token}' }
const doubled = { capture: { of: '$.title', pattern: '(already exists|duplicate)' } }

/** https://docs.bigcommerce.com/docs/integrations/webhooks/overview and …/docs/integrations/apps/guide/auth */
export const bigcommerce: ProviderDefinition = {
  id: 'bigcommerce',
  name: 'BigCommerce',
  company: 'BigCommerce',
  docs: {
    oauth: 'https://docs.bigcommerce.com/docs/integrations/apps/guide/auth',
    webhooks: 'https://docs.bigcommerce.com/docs/integrations/webhooks/overview',
    portal: 'https://devtools.bigcommerce.com',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'signatures made and verified by the package standardwebhooks of the Standard Webhooks project',
    uncertain: [
      'The names of the read-only scopes and the address of the developer portal are from memory.',
      'The answer is wanted within 10 seconds, from memory.',
      'Installing from the merchant’s control panel brings no state: only an install that begins here is taken.',
      'The event id is the header webhook-id; that it stays the same over tries follows from Standard Webhooks.',
      'Hooks made before deliveries were signed are not accepted.',
      'How a second hook of the same scope and destination is refused is from memory.',
    ],
  },
  hosts: { production: { login: 'https://login.bigcommerce.com', api: 'https://api.bigcommerce.com' } },
  ask: [{ name: 'store', label: 'Store hash', example: 'g5cd38', pattern: '[a-z0-9]{1,32}' }],
  settings: {
    accountUuid: {
      label: 'account_uuid',
      where: 'Your developer account’s id, a parameter of the address when a draft app is installed',
      pattern: '^[0-9a-f-]{36}$',
      shape: 'a UUID: 32 hex digits in groups of 8, 4, 4, 4 and 12',
    },
  },
  portal: {
    clientId: { label: 'Client ID', where: 'Developer Portal > My Apps > your app > View Client ID' },
    redirectUri: { label: 'Auth Callback URL', where: 'Developer Portal > My Apps > your app > Technical' },
    callbackUrl: { label: 'destination', where: 'API: POST /stores/<store hash>/v3/hooks' },
    events: [],
  },
  secrets: {
    client: { label: 'Client Secret', where: 'Developer Portal > My Apps > your app > View Client ID' },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{login}/oauth2/authorize',
    tokenUrl: '{login}/oauth2/token',
    scopes: ['store_v2_orders_read_only', 'store_v2_products_read_only', 'store_v2_customers_read_only'],
    scopeSeparator: ' ',
    parameters: { context: 'stores/{store}', account_uuid: '{setting.accountUuid}' },
    pkce: 'none',
    clientAuth: 'post',
    tokenBody: 'json',
    tokenParameters: { context: '{callback.context}', scope: '{callback.scope}' },
    refresh: { kind: 'none' },
    accessSeconds: null,
    redirect: { production: 'public' },
  },
  accounts: [
    {
      kind: 'store',
      word: 'store hash',
      noun: 'store',
      normalise: 'lower',
      pattern: '^[a-z0-9]{1,32}$',
      shape: 'up to 32 small letters or digits',
      from: 'consent',
    },
  ],
  identity: { from: 'token', accounts: { store: { part: { of: '$.context', by: '/', from: 1 } } } },
  api: { auth: byStore, page: { by: 'url', at: '$.meta.pagination.links.next' } },
  lifecycle: [{ events: ['store/app/uninstalled'], means: 'revoked', why: 'the store uninstalled the app' }],
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'hmac',
        hash: 'sha256',
        encoding: 'base64',
        header: { names: ['webhook-signature'], words: { version: 'v1' } },
        signs: [{ header: 'webhook-id' }, { text: '.' }, 'time', { text: '.' }, 'body'],
        key: { secret: 'client' },
        time: { at: { header: 'webhook-timestamp' }, unit: 's', toleranceSeconds: 300 },
      },
    ],
    split: ['$'],
    shapes: [
      {
        name: 'hook',
        when: '@.scope',
        providerEvent: '@.scope',
        event: { part: { of: '@.scope', by: '/', from: 1 } },
        id: { header: 'webhook-id' },
        time: '@.created_at',
        resource: { type: '@.data.type', id: '@.data.id' },
        accounts: [{ kind: 'store', at: { part: { of: '@.producer', by: '/', from: 1 } } }],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 10_000 },
    retries: [60, 180, 300, 600, 900, 1800, 3600, 7200, 21_600, 50_400, 86_400],
  },
  activation: {
    per: 'tenant',
    by: 'api',
    noun: 'scope',
    steps: [
      'POST https://api.bigcommerce.com/stores/<store hash>/v3/hooks with scope, destination {callback} and is_active, as ' +
        '"whs activate" does with the store’s token; once a scope, and again after 90 days without an event',
    ],
    api: {
      per: 'resource',
      resources: {
        all: [
          { id: 'store/order/*', name: 'orders', usual: true },
          { id: 'store/app/uninstalled', name: 'the app is uninstalled', usual: true },
          { id: 'store/product/*', name: 'products' },
          { id: 'store/customer/*', name: 'customers' },
        ],
      },
      list: {
        call: {
          method: 'GET',
          url: `${hooks}?limit=250`,
          auth: byStore,
          page: { by: 'url', at: '$.meta.pagination.links.next' },
        },
        items: '$.data[*]',
        where: { at: '@.is_active', is: 'true' },
        id: '@.id',
        url: '@.destination',
        resource: '@.scope',
      },
      create: {
        method: 'POST',
        url: hooks,
        auth: byStore,
        body: { json: { scope: '{resource}', destination: '{callback}', is_active: true } },
      },
      made: { id: '$.data.id' },
      move: {
        method: 'PUT',
        url: `${hooks}/{activation}`,
        auth: byStore,
        body: { json: { scope: '{resource}', destination: '{callback}', is_active: true } },
      },
      remove: { method: 'DELETE', url: `${hooks}/{activation}`, auth: byStore },
      refusals: [{ status: 422, when: { exists: doubled }, means: 'taken' }],
    },
  },
  record: [
    {
      words: { order: 'orders' },
      call: { method: 'GET', url: '{api}/stores/{account}/v2/{resource}/{resourceId}', auth: byStore },
      at: '$',
    },
    {
      words: { product: 'products' },
      call: { method: 'GET', url: '{api}/stores/{account}/v3/catalog/{resource}/{resourceId}', auth: byStore },
      at: '$.data',
    },
    {
      words: { customer: 'customers' },
      call: { method: 'GET', url: '{api}/stores/{account}/v3/{resource}?id:in={resourceId}', auth: byStore },
      at: '$.data[0]',
      gone: [{ status: 200, when: { empty: '$.data' } }],
    },
  ],
}
