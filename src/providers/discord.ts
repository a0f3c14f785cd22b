import type { ProviderDefinition } from '../core/definition.ts'

/** `0`, which stands there in a direct message with the app's bot, is no guild. */
const guildOwner = { capture: { of: "@.authorizing_integration_owners['0']", pattern: '^([1-9][0-9]{4,19})$' } }
const userOwner = "@.authorizing_integration_owners['1']"
const noOwner = { all: [{ absent: guildOwner }, { absent: userOwner }] }
const eventGuild = { first: ['@.event.data.guild.id', '@.event.data.guild_id'] }

/** https://discord.com/developers/docs/events/webhook-events */
export const discord = {
  id: 'discord',
  name: 'Discord',
  company: 'Discord',
  docs: {
    oauth: 'https://discord.com/developers/docs/topics/oauth2',
    webhooks: 'https://discord.com/developers/docs/events/webhook-events',
    portal: 'https://discord.com/developers/applications',
  },
  checked: {
    on: '2026-11-25',
    how: 'docs',
    witness: 'Ed25519 by npm tweetnacl 1.0.3, verified by verifyKey of npm discord-interactions 4.4.0',
    uncertain: [
      'That refresh tokens rotate and that http://localhost is taken are from memory; PKCE is third-party knowledge.',
      'Discord sets no age for the signed time: 15 minutes are accepted, since retries go on for 10.',
      'The pauses between the retries are not published.',
      'An app installed for a user alone gives no guild in the token reply: its users are mapped by hand.',
    ],
  },
  hosts: { production: { discord: 'https://discord.com' } },
  portal: {
    clientId: { label: 'Application ID', where: 'Developer Portal > your app > General Information' },
    redirectUri: { label: 'Redirects', where: 'Developer Portal > your app > OAuth2' },
    callbackUrl: {
      label: 'Endpoint',
      where: 'Developer Portal > your app > Webhooks; for commands General Information > Interactions Endpoint URL',
    },
    events: [],
  },
  secrets: {
    client: { label: 'Client Secret', where: 'Developer Portal > your app > OAuth2' },
    webhook: { label: 'Public Key', where: 'Developer Portal > your app > General Information' },
  },
  oauth: {
    kind: 'code',
    authorizeUrl: '{discord}/oauth2/authorize',
    tokenUrl: '{discord}/api/oauth2/token',
    scopes: ['bot', 'applications.commands'],
    scopeSeparator: ' ',
    pkce: 'S256',
    clientAuth: 'basic',
    refresh: { kind: 'rotating' },
    accessSeconds: 604_800,
    revoke: { url: '{discord}/api/oauth2/token/revoke', body: 'form', field: 'token', token: 'access' },
    redirect: { production: 'loopback' },
  },
  accounts: [
    {
      kind: 'guild',
      word: 'guild id',
      noun: 'server',
      normalise: 'text',
      pattern: '^[1-9][0-9]{4,19}$',
      shape: '5 to 20 digits',
      from: 'consent',
    },
    {
      kind: 'user',
      word: 'user id',
      noun: 'user',
      normalise: 'text',
      pattern: '^[1-9][0-9]{4,19}$',
      shape: '5 to 20 digits',
      from: 'consent',
    },
  ],
  identity: { from: 'token', accounts: { guild: '$.guild.id' }, name: '$.guild.name' },
  api: { base: '{discord}/api/v10' },
  webhook: {
    methods: ['POST'],
    body: ['json'],
    verify: [
      {
        scheme: 'ed25519',
        header: { names: ['x-signature-ed25519'] },
        encoding: 'hex',
        signs: ['time', 'body'],
        key: { secret: 'webhook' },
        time: { at: { header: 'x-signature-timestamp' }, unit: 's', toleranceSeconds: 900 },
      },
    ],
    handshakes: [
      {
        kind: 'interaction-ping',
        method: 'POST',
        when: [{ at: '$.type', is: '1' }, { absent: '$.event.type' }],
        probes: true,
        proof: 'signature',
        reply: { status: 200, json: { type: { json: 1 } } },
      },
      {
        kind: 'event-ping',
        method: 'POST',
        when: [{ at: '$.type', is: '0' }],
        probes: true,
        proof: 'signature',
        reply: { status: 204, headers: { 'Content-Type': { text: 'application/json' } } },
      },
    ],
    split: ['$'],
    shapes: [
      {
        name: 'event',
        when: '@.event.type',
        providerEvent: '@.event.type',
        events: {
          application_authorized: 'application.authorized',
          application_deauthorized: 'application.deauthorized',
          entitlement_create: 'entitlement.created',
          entitlement_update: 'entitlement.updated',
          entitlement_delete: 'entitlement.deleted',
          quest_user_enrollment: 'quest_user.enrolled',
        },
        derived: ['@.event.type', '@.event.timestamp', eventGuild, '@.event.data.id', '@.event.data.user.id'],
        time: '@.event.timestamp',
        accounts: [
          { kind: 'guild', at: eventGuild },
          {
            kind: 'user',
            at: { first: ['@.event.data.user.id', '@.event.data.user_id'] },
            when: { absent: eventGuild },
          },
        ],
      },
      {
        name: 'interaction',
        when: '@.token',
        providerEvent: {
          map: {
            of: '@.type',
            words: {
              '2': 'APPLICATION_COMMAND',
              '3': 'MESSAGE_COMPONENT',
              '4': 'APPLICATION_COMMAND_AUTOCOMPLETE',
              '5': 'MODAL_SUBMIT',
            },
          },
        },
        event: {
          map: {
            of: '@.type',
            words: {
              '2': 'interaction.command',
              '3': 'interaction.component',
              '4': 'interaction.autocomplete',
              '5': 'interaction.modal',
            },
          },
        },
        id: '@.id',
        accounts: [
          { kind: 'guild', at: guildOwner },
          { kind: 'guild', at: '@.guild_id', when: noOwner },
          { kind: 'user', at: userOwner, when: { absent: guildOwner } },
          { kind: 'user', at: '@.user.id', when: { all: [noOwner, { absent: '@.guild_id' }] } },
        ],
        reply: 'handler',
      },
    ],
    reply: { ok: 204, rejected: 401, withinMs: 3000, type: 'application/json' },
    retries: [5, 15, 60, 180, 300],
  },
  activation: {
    per: 'app',
    by: 'portal',
    steps: [
      'Webhook events: open Webhooks, Endpoint: {callback}, switch "Events" on, tick the events you want, and save',
      'Commands: open General Information, Interactions Endpoint URL: {callback}, and save',
      'Discord sends right and wrong signatures while it saves: whs must be listening and know the public key',
      'Messages and members come through the Gateway alone, never to a URL',
    ],
  },
} satisfies ProviderDefinition
