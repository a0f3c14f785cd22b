import type { ProviderDefinition } from '../core/definition.ts'

const badUrl = { capture: { of: '$.error.errors[0].reason', pattern: '(webhookUrl)' } }
const tooMany = { capture: { of: '$.error.errors[0].reason', pattern: '(imitExceeded|quotaExceeded)' } }

/** `…/calendars/ana@example.com/events?alt=json` → `events` */
const watched = { capture: { of: { header: 'x-goog-resource-uri' }, pattern: '/([A-Za-z]+)(?:[?]|$)' } }
const state = { map: { of: { header: 'x-goog-resource-state' }, words: { exists: 'updated', not_exists: 'deleted' } } }

/** https://developers.google.com/calendar/api/guides/push */
export const googleCalendar = {
  id: 'google-calendar',
  name: 'Google Calendar',
  company: 'Google',
  docs: {
    oauth: 'https://developers.google.com/identity/protocols/oauth2/web-server',
    webhooks: 'https://developers.google.com/calendar/api/guides/push',
    portal: 'https://console.cloud.google.com/apis/credentials',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'none: the channel token is a plain token that comes back as it was given',
    uncertain: [
      'That refresh tokens do not rotate and that http://localhost is taken are from memory.',
      'The longest token (256 characters) and channel id (64) are from memory.',
      'Whether a retry keeps its message number is not published, so no repeat is folded.',
      'A calendar id that is percent-encoded in the resource URI is not read: the channel alone names the tenant then.',
      'How fast an answer must come, and the pauses between the retries, are not published.',
      'How Google refuses a URL or too many channels (reasons such as push.webhookUrlUnauthorized) is second hand.',
      'A new event is told as updated: what the API gives does not say which it is.',
      'The address of one event, and that a cancelled one is still answered, are from memory.',
    ],
  },
  hosts: {
    production: {
      accounts: 'https://accounts.google.com',
      token: 'https://oauth2.googleapis.com',
      api: 'https://www.googleapis.com',
    },
  },
  portal: {
    clientId: { label: 'Client ID', where: 'Google Cloud console > APIs & Services > Credentials > your OAuth client' },
    redirectUri: {
      label: 'Authorized redirect URIs',
      where: 'Google Cloud console > APIs & Services > Credentials > your OAuth client (Web application)',
    },
    callbackUrl: { label: 'address', where: 'the request that makes a channel; no page shows it' },
    events: ['APIs & Services > Library: enable the Google Calendar API'],
  },
  secrets: {
    client: {
      label: 'Client secret',
      where: 'Google Cloud console > APIs & Services > Credentials > your OAuth client',
    },
    webhook: {
      label: 'Channel token',
      where: '"token" in the request that makes a channel; you choose it, at most 256 characters',
      optional: true,
    },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{accounts}/o/oauth2/v2/auth',
    tokenUrl: '{token}/token',
    scopes: ['https://www.googleapis.com/auth/calendar.readonly'],
    scopeSeparator: ' ',
    parameters: { access_type: 'offline', prompt: 'consent' },
    pkce: 'S256',
    clientAuth: 'post',
    refresh: { kind: 'stable' },
    accessSeconds: 3600,
    revoke: { url: '{token}/revoke', body: 'form', field: 'token', token: 'refresh' },
    redirect: { production: 'loopback' },
  },
  accounts: [
    {
      kind: 'calendar',
      word: 'calendar id',
      noun: 'calendar',
      normalise: 'email',
      pattern: '^[^@\\s/]{1,160}@[^@\\s/]{1,160}$',
      shape: 'an e-mail address',
      from: 'consent',
    },
    {
      kind: 'channel',
      word: 'channel id',
      noun: 'channel',
      normalise: 'text',
      pattern: '^[A-Za-z0-9_+/=-]{1,64}$',
      shape: 'up to 64 letters, digits or _ + / = -',
      from: 'activation',
    },
  ],
  identity: {
    from: { method: 'GET', url: '{api}/calendar/v3/calendars/primary' },
    accounts: { calendar: '$.id' },
    name: { first: ['$.summary', '$.id'] },
  },
  api: { page: { by: 'cursor', parameter: 'pageToken', at: '$.nextPageToken' } },
  webhook: {
    methods: ['POST'],
    body: ['empty'],
    verify: [
      {
        scheme: 'token',
        at: { header: 'x-goog-channel-token' },
        key: { secret: 'webhook', of: 'either', activation: { header: 'x-goog-channel-id' } },
      },
    ],
    handshakes: [
      {
        kind: 'sync',
        method: 'POST',
        when: [{ at: { header: 'x-goog-resource-state' }, is: 'sync' }],
        proof: 'signature',
        reply: { status: 200 },
      },
    ],
    split: ['$'],
    shapes: [
      {
        name: 'notification',
        when: { exists: { header: 'x-goog-resource-state' } },
        providerEvent: { header: 'x-goog-resource-state' },
        event: { join: [watched, state], by: '.' },
        derived: [{ header: 'x-goog-channel-id' }, { header: 'x-goog-message-number' }],
        resource: { type: watched, id: { header: 'x-goog-resource-id' } },
        feed: 'events',
        accounts: [
          {
            agree: [
              { kind: 'channel', at: { header: 'x-goog-channel-id' } },
              {
                kind: 'calendar',
                at: {
                  capture: { of: { header: 'x-goog-resource-uri' }, pattern: '/calendars/([^/?%@]+@[^/?%@]+)/' },
                },
              },
            ],
          },
        ],
      },
    ],
    reply: { ok: 200, rejected: 401, withinMs: 10_000 },
    retries: [10, 30, 60, 300, 900, 3600],
  },
  activation: {
    per: 'resource',
    by: 'api',
    secret: 'chosen',
    kind: 'channel',
    noun: 'calendar',
    days: 7,
    steps: [
      'Choose a new channel id and give it to whs first, with the token if you have one: Google calls the URL at once',
      'POST https://www.googleapis.com/calendar/v3/calendars/<calendar id>/events/watch with id, type web_hook, address ' +
        '{callback} and token, as "whs activate" does; a channel lives 7 days, then a new one is made',
    ],
    api: {
      resources: {
        call: {
          method: 'GET',
          url: '{api}/calendar/v3/users/me/calendarList?minAccessRole=reader&maxResults=250',
          page: { by: 'cursor', parameter: 'pageToken', at: '$.nextPageToken' },
        },
        items: '$.items[*]',
        id: '@.id',
        name: '@.summary',
        usual: { at: '@.primary', is: 'true' },
      },
      create: {
        method: 'POST',
        url: '{api}/calendar/v3/calendars/{resource}/events/watch',
        body: {
          json: {
            id: '{activation}',
            type: 'web_hook',
            address: '{callback}',
            token: '{secret}',
            expiration: '{expires.ms}',
          },
        },
      },
      made: {
        id: { chosen: '{uuid}' },
        expires: { at: '$.expiration', unit: 'ms' },
        keep: { watched: '$.resourceId' },
      },
      renew: 'anew',
      remove: {
        method: 'POST',
        url: '{api}/calendar/v3/channels/stop',
        body: { json: { id: '{activation}', resourceId: '{watched}' } },
      },
      scopes: ['https://www.googleapis.com/auth/calendar.readonly'],
      refusals: [
        { status: [400, 401, 403], when: { exists: badUrl }, means: 'unreachable' },
        { status: 403, when: { exists: tooMany }, means: 'quota' },
      ],
    },
  },
  record: [
    {
      words: { event: 'events' },
      call: { method: 'GET', url: '{api}/calendar/v3/calendars/{account.calendar}/{resource}/{resourceId}' },
      at: '$',
      gone: [{ status: 200, when: { at: '$.status', is: 'cancelled' } }],
    },
  ],
  feeds: [
    {
      name: 'events',
      use: ['follow-up', 'catch-up'],
      per: 'resource',
      account: 'calendar',
      call: {
        method: 'GET',
        url: '{api}/calendar/v3/calendars/{resource}/events?syncToken={cursor}&maxResults=250',
        page: { by: 'cursor', parameter: 'pageToken', at: '$.nextPageToken' },
      },
      cursor: {
        at: '$.nextSyncToken',
        start: {
          call: {
            method: 'GET',
            url: '{api}/calendar/v3/calendars/{resource}/events?maxResults=2500&fields=nextPageToken,nextSyncToken',
            page: { by: 'cursor', parameter: 'pageToken', at: '$.nextPageToken' },
          },
          at: '$.nextSyncToken',
        },
      },
      split: ['$.items[*]'],
      shapes: [
        {
          name: 'event',
          when: '@.id',
          providerEvent: {
            map: {
              of: '@.status',
              words: { confirmed: 'event.updated', tentative: 'event.updated', cancelled: 'event.deleted' },
            },
          },
          id: { join: ['@.id', '@.etag'], by: ' ' },
          time: '@.updated',
          resource: { type: { text: 'event' }, id: '@.id' },
          accounts: [],
        },
      ],
      same: 'id',
      expired: { status: 410 },
    },
  ],
} satisfies ProviderDefinition
