import type { Environment, Hosts } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { configChanged, type Db } from './database.ts'
import { raiseSearchEpoch } from './search-index.ts'
import { addSecret, openSecret, replaceSecret } from './secret-rows.ts'
import { unreadableOfApp } from './unreadable-ops.ts'

/** An OAuth App as stored, without its secrets. */
export interface App {
  id: number
  name: string
  provider: string
  env: Environment
  clientId: string | null
  /** Host roles that this app has elsewhere than its definition says. */
  hosts: Hosts
  settings: Record<string, string>
  createdAt: number
  announcedUrl: string | null
  /** Of the custom definition that it was made with; null for one that whs brings. */
  definitionHash: string | null
  /** Its own; those of activations stand with them. */
  secrets: SecretInfo[]
}
export interface SecretInfo {
  name: string
  fingerprint: string
  createdAt: number
  validUntil: number | null
}

interface AppColumns {
  id: number
  name: string
  provider: string
  env: Environment
  client_id: string | null
  hosts: string
  settings: string
  created_at: number
  announced_url: string | null
  definition_hash: string | null
}

export function listApps(db: Db): App[] {
  return db.all<AppColumns>('SELECT * FROM apps ORDER BY name').map(row => appOf(db, row))
}

export function findApp(db: Db, { name }: { name: string }): App | null {
  const row = db.get<AppColumns>('SELECT * FROM apps WHERE name = ?', name)
  return row ? appOf(db, row) : null
}

function appOf(db: Db, row: AppColumns): App {
  return {
    id: row.id,
    name: row.name,
    provider: row.provider,
    env: row.env,
    clientId: row.client_id,
    hosts: JSON.parse(row.hosts) as Hosts,
    settings: JSON.parse(row.settings) as Record<string, string>,
    createdAt: row.created_at,
    announcedUrl: row.announced_url,
    definitionHash: row.definition_hash,
    secrets: db.all<SecretInfo>(
      `SELECT name, fingerprint, created_at AS createdAt, valid_until AS validUntil FROM secrets
       WHERE app_id = ? AND activation_id IS NULL AND (valid_until IS NULL OR valid_until > ?) ORDER BY id DESC`,
      row.id,
      db.now(),
    ),
  }
}

export interface NewApp {
  name: string
  provider: string
  env: Environment
  clientId: string | null
  hosts: Hosts
  settings: Record<string, string>
  secrets: Record<string, string>
  definitionHash?: string | null
}

/** @throws WhsError `app-exists` (exit 2) */
export function addApp(db: Db, input: NewApp): App {
  if (db.get('SELECT 1 FROM apps WHERE name = ?', input.name)) {
    throw new WhsError({
      code: 'app-exists',
      exit: exits.usage,
      what: `the app ${input.name} is there already`,
      why: 'an app is never replaced silently',
      next: `whs app set ${input.name}`,
    })
  }
  const { lastInsertRowid: id } = db.run(
    `INSERT INTO apps (name, provider, env, client_id, hosts, settings, definition_hash, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    input.name,
    input.provider,
    input.env,
    input.clientId,
    JSON.stringify(input.hosts),
    JSON.stringify(input.settings),
    input.definitionHash ?? null,
    db.now(),
  )
  for (const [name, value] of Object.entries(input.secrets)) if (value) addSecret(db, id, name, value)
  configChanged(db)
  return findApp(db, { name: input.name }) as App
}

export interface AppChange {
  app: string
  clientId?: string
  hosts?: Hosts
  settings?: Record<string, string>
  secrets?: Record<string, string>
  definitionHash?: string
  /** How long replaced secrets stay valid, in ms. */
  keepOldMs: number
}

/** Changes what is named, nothing else. @throws WhsError `no-app` */
export function setApp(db: Db, input: AppChange): App {
  const app = mustApp(db, input.app)
  if (input.clientId !== undefined) db.run('UPDATE apps SET client_id = ? WHERE id = ?', input.clientId, app.id)
  if (input.hosts) {
    db.run('UPDATE apps SET hosts = ? WHERE id = ?', JSON.stringify({ ...app.hosts, ...input.hosts }), app.id)
  }
  if (input.settings) {
    db.run('UPDATE apps SET settings = ? WHERE id = ?', JSON.stringify({ ...app.settings, ...input.settings }), app.id)
  }
  if (input.definitionHash !== undefined) {
    db.run('UPDATE apps SET definition_hash = ? WHERE id = ?', input.definitionHash, app.id)
  }
  for (const [name, value] of Object.entries(input.secrets ?? {})) {
    if (value) replaceSecret(db, app.id, name, value, input.keepOldMs)
  }
  configChanged(db)
  return mustApp(db, input.app)
}

/** @throws WhsError `no-app` (exit 3) */
export function mustApp(db: Db, name: string): App {
  const app = findApp(db, { name })
  if (app) return app
  throw new WhsError({
    code: 'no-app',
    exit: exits.missing,
    what: `there is no app ${name}`,
    why: 'no OAuth App of that name is set up here',
    next: `whs app add ${name}`,
  })
}

/** Removes an app with its connections, activations, accounts, deliveries and events. @throws WhsError `no-app` */
export function removeApp(db: Db, { app: name }: { app: string }): { deliveries: number } {
  const app = mustApp(db, name)
  const { changes } = db.run('DELETE FROM deliveries WHERE app_id = ?', app.id)
  db.run('DELETE FROM attempts WHERE delivery_seq NOT IN (SELECT seq FROM deliveries)')
  db.run('DELETE FROM forwards WHERE delivery_seq NOT IN (SELECT seq FROM deliveries)')
  db.run('DELETE FROM events WHERE app_id = ?', app.id)
  db.run('DELETE FROM apps WHERE id = ?', app.id)
  raiseSearchEpoch(db)
  configChanged(db)
  return { deliveries: changes }
}

/** A secret in clear, for verifying and signing. */
export interface ClearSecret {
  id: number
  value: string
  fingerprint: string
  createdAt: number
}

const secretsPerApp = 50

/**
 * The app's own valid secrets of one name, newest first, at most 50. One that cannot be read is left out.
 * @throws WhsError `unreadable-secret` (exit 2) where none of those that are stored can be read
 */
export function readSecrets(db: Db, { appId, name }: { appId: number; name: string }): ClearSecret[] {
  const rows = db.all<Omit<ClearSecret, 'value'> & { sealed: Buffer }>(
    `SELECT id, value_sealed AS sealed, fingerprint, created_at AS createdAt FROM secrets
     WHERE app_id = ? AND name = ? AND activation_id IS NULL AND (valid_until IS NULL OR valid_until > ?)
     ORDER BY id DESC LIMIT ?`,
    appId,
    name,
    db.now(),
    secretsPerApp,
  )
  const secrets = rows.flatMap(({ sealed, ...rest }) => {
    const value = openSecret(db, rest.id, sealed)
    return value === null ? [] : [{ ...rest, value }]
  })
  if (rows.length > 0 && secrets.length === 0) throw unreadableSecret(db, appId, name)
  return secrets
}

function unreadableSecret(db: Db, appId: number, name: string): WhsError {
  const app = db.get<{ name: string }>('SELECT name FROM apps WHERE id = ?', appId)?.name ?? ''
  const { what, next } = unreadableOfApp(app, name)
  const why = 'it was sealed with another key or was changed'
  return new WhsError({ code: 'unreadable-secret', exit: exits.usage, what: `${what} cannot be read`, why, next })
}

/** Remembers which public URL a person was last told to paste. */
export function announceUrl(db: Db, { app, url }: { app: string; url: string }): void {
  db.run('UPDATE apps SET announced_url = ? WHERE name = ?', url, app)
}
