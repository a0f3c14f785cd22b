import { exits, WhsError } from '../core/errors.ts'
import { configChanged, type Db } from './database.ts'

/** A provider whose definition a person brought. */
export interface CustomProvider {
  id: string
  /** Its definition, as JSON text. */
  definition: string
  /** Of the definition: apps are pinned to the one that they were made with. */
  hash: string
  addedAt: number
}

/**
 * Keeps a definition. In place of another one of that id it pins the apps of that provider to itself.
 * @throws WhsError `provider-exists` (exit 2) where another one is there and `replace` was not said
 */
export function addCustomProvider(
  db: Db,
  input: { id: string; definition: string; hash: string; replace: boolean },
): CustomProvider {
  const there = findCustomProvider(db, input)
  if (there && there.hash !== input.hash && !input.replace) {
    throw new WhsError({
      code: 'provider-exists',
      exit: exits.usage,
      what: `the provider ${input.id} is there already, with another definition`,
      why: 'none is replaced silently',
      next: `whs providers show ${input.id}`,
    })
  }
  db.run(
    `INSERT INTO custom_providers (id, definition, hash, added_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET definition = excluded.definition, hash = excluded.hash, added_at = excluded.added_at`,
    input.id,
    input.definition,
    input.hash,
    db.now(),
  )
  if (there) db.run('UPDATE apps SET definition_hash = ? WHERE provider = ?', input.hash, input.id)
  configChanged(db)
  return findCustomProvider(db, input) as CustomProvider
}

/** @throws WhsError `no-provider` (exit 5), `provider-used` (exit 2) where an app is of it */
export function removeCustomProvider(db: Db, { id }: { id: string }): void {
  const used = db.all<{ name: string }>('SELECT name FROM apps WHERE provider = ? ORDER BY name', id)
  if (used.length > 0) {
    throw new WhsError({
      code: 'provider-used',
      exit: exits.usage,
      what: `the provider ${id} is in use`,
      why: `it is the provider of ${used.map(({ name }) => name).join(', ')}`,
      next: `whs app remove ${used[0]?.name}`,
    })
  }
  const { changes } = db.run('DELETE FROM custom_providers WHERE id = ?', id)
  configChanged(db)
  if (changes > 0) return
  throw new WhsError({
    code: 'no-provider',
    exit: exits.unknown,
    what: `there is no custom provider ${id}`,
    why: 'only one that was added can be removed',
    next: 'whs providers',
  })
}

const columns = 'id, definition, hash, added_at AS addedAt'

export function listCustomProviders(db: Db): CustomProvider[] {
  return db.all<CustomProvider>(`SELECT ${columns} FROM custom_providers ORDER BY id`)
}

export function findCustomProvider(db: Db, { id }: { id: string }): CustomProvider | null {
  return db.get<CustomProvider>(`SELECT ${columns} FROM custom_providers WHERE id = ?`, id) ?? null
}
