import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { migrations } from '../../src/store/schema.ts'
import { openStore } from '../../src/store/store.ts'
import { openVault } from '../../src/store/vault.ts'
import { startChild } from '../helpers/child.ts'
import { type Dice, rollDice } from '../helpers/dice.ts'
import { jsonLines } from '../helpers/listening.ts'
import { type Content, contentOf, oldHome } from '../helpers/old-home.ts'
import { mustRun } from '../helpers/simulated-app.ts'
import { sized } from '../helpers/sized.ts'
import { tempHome } from '../helpers/temp-home.ts'

const present = migrations.length
const earlier = Array.from({ length: present - 1 }, (_, index) => index + 1)
/** What a migration is known to write in another form; their own tests say how. */
const rewritten = ['consents', 'meta']

/** Rows and values of one content that the other does not have, in the columns that both know. */
function lost(before: Content, after: Content): string[] {
  return Object.entries(before).flatMap(([table, rows]) => {
    if (rewritten.includes(table) || table === 'version') return []
    const now = after[table]
    if (!now) return [`table ${table}`]
    return rows.flatMap((row, index) => {
      const other = now[index] ?? {}
      const columns = Object.keys(row).filter(column => column in (now[0] ?? {}) && !column.endsWith('_sealed'))
      const same = columns.length > 0 && columns.every(column => String(row[column]) === String(other[column]))
      return same ? [] : [`${table} ${JSON.stringify(row)} is ${JSON.stringify(other)}`]
    })
  })
}

/** Everything that is sealed in a database, opened at its place. */
function unsealed(home: string): string[] {
  const content = contentOf(home)
  const vault = openVault(join(home, 'key'), String(content.meta?.find(({ key }) => key === 'key_fingerprint')?.value))
  return Object.entries(content).flatMap(([table, rows]) =>
    rows.flatMap(row =>
      Object.entries(row).flatMap(([column, value]) =>
        column.endsWith('_sealed') && value !== null
          ? [
              vault.open(
                `${table}/${typeof row.id === 'number' ? row.id : row.seq}/${column.replace('_sealed', '')}`,
                value as Buffer,
              ),
            ]
          : [],
      ),
    ),
  )
}

test.each(earlier)('a store of schema version %i opens and keeps everything', async version => {
  const home = oldHome(version)
  const before = contentOf(home)
  const secretsBefore = unsealed(home)
  expect(jsonLines(await mustRun(['events'], home)).map(({ id }) => id)).toContain('evt_1')
  const after = contentOf(home)
  expect(after.version).toEqual([{ user_version: present }])
  expect(lost(before, after)).toEqual([])
  expect(unsealed(home).toSorted()).toEqual(secretsBefore.toSorted())
  const [tenant] = jsonLines(await mustRun(['tenants', 'show', 'acme'], home))
  expect(tenant).toMatchObject({ id: 'acme', accounts: [{ id: '1' }] })
  await mustRun(['tenants', 'map', 'initech', '--app', 'quickbooks', '--account', '9'], home)
  expect(jsonLines(await mustRun(['events', '--tenant', 'initech'], home))).toMatchObject([{ id: 'evt_2' }])
})

/** Enough that moving them takes a while. */
const many = 4_000

test('a migration that is killed in the middle leaves the old store as it was, and is done later', async () => {
  const dice = rollDice()
  const home = oldHome(1, many)
  const before = contentOf(home)
  let inTheMiddle = 0
  for (let round = 0; round < sized(2, 40); round++) {
    await killInTheMiddle(home, dice)
    const now = contentOf(home)
    if (Number(now.version?.[0]?.user_version) > 1) break
    inTheMiddle++
    expect(now).toEqual(before)
  }
  expect(inTheMiddle).toBeGreaterThan(0)
  await openStore({ home }).close()
  expect(lost(before, contentOf(home))).toEqual([])
  expect(unsealed(home)).toHaveLength(2 * many + 1)
})

/** Kills a program that opens the store, some time after it has begun to write. */
async function killInTheMiddle(home: string, dice: Dice): Promise<void> {
  const child = startChild('store-child.ts', ['open', home])
  const probe = new Database(join(home, 'whs.db'), { timeout: 0 })
  const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
  try {
    while (!isWriting(probe)) await wait(1)
    await wait(dice.below(20))
  } finally {
    child.kill('SIGKILL')
    probe.close()
  }
  expect((await child.ended).how).toBe('SIGKILL')
}

function isWriting(probe: Database.Database): boolean {
  try {
    probe.exec('BEGIN IMMEDIATE; ROLLBACK')
    return false
  } catch (error) {
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error
    return true
  }
}

test('a migration for which there is no room leaves the old store as it was, and is done later', async () => {
  const home = oldHome(1, many)
  const before = contentOf(home)
  const child = startChild('store-child.ts', ['open', home], 100)
  const { how, stderr } = await child.ended
  expect(how).not.toBe(0)
  expect(stderr).toMatch(/full|disk/)
  expect(contentOf(home)).toEqual(before)
  await openStore({ home }).close()
  expect(lost(before, contentOf(home))).toEqual([])
})

test('a new store has the schema that an old one comes to', async () => {
  const [old, fresh] = [oldHome(1), tempHome()]
  for (const home of [old, fresh]) await openStore({ home }).close()
  const columns = (home: string): string[] => {
    const raw = new Database(join(home, 'whs.db'))
    const all = raw
      .prepare(
        'SELECT t.name AS name, c.name AS columnName FROM sqlite_schema t, pragma_table_info(t.name) c ORDER BY 1, 2',
      )
      .all() as { name: string; columnName: string }[]
    raw.close()
    return all.map(({ name, columnName }) => `${name}.${columnName}`)
  }
  expect(columns(old)).toEqual(columns(fresh))
})
