import { resolve } from 'node:path'
import { backupStore, restoreStore } from '../../app/backup.ts'
import { exits, WhsError } from '../../core/errors.ts'
import { bytesText, countText } from '../../core/text.ts'
import { askSecret } from '../ask.ts'
import { type CommandContext, withApp } from '../context.ts'
import type { Io } from '../io.ts'
import { command } from '../render/command.ts'
import { moment } from '../render/event-row.ts'
import { iso, jsonLine } from '../render/records.ts'
import { readSecret } from '../secret-input.ts'
import { startWaiting } from '../spinner.ts'

const variable = 'WHS_BACKUP_SECRET'
const least = 10

export async function backupCommand(
  context: CommandContext,
  flags: { retire?: boolean; secret?: string },
  given: string,
): Promise<number> {
  const { io } = context
  return withApp(context, async app => {
    const file = resolve(io.cwd, given)
    const retire = flags.retire === true
    app.store()
    const passphrase = await passphraseFor(io, 'backup', flags.secret)
    if (passphrase.length < least) throw tooShort()
    const wish = { file, passphrase, retire, signal: io.stop.signal }
    const written = await whileWaiting(io, 'the store is sealed', () => backupStore(app, wish))
    if (!written) return io.stop.exit
    const { bytes } = written
    if (io.output === 'json')
      await io.out(jsonLine({ type: 'backup', at: iso(io.now()), file, bytes, retired: retire }))
    else await io.out(`${file}  ${bytesText(bytes)}, sealed by the passphrase, which nobody can restore`)
    if (retire) io.note(command(io, `this store does not listen any more; elsewhere: whs restore ${given}`))
    return exits.done
  })
}

export async function restoreCommand(
  context: CommandContext,
  flags: { secret?: string },
  given: string,
): Promise<number> {
  const { io } = context
  return withApp(context, async app => {
    const passphrase = await passphraseFor(io, 'restore', flags.secret)
    const from = { file: resolve(io.cwd, given), passphrase, signal: io.stop.signal }
    const restored = await whileWaiting(io, 'the store is made again', () => restoreStore(app, from))
    if (!restored) return io.stop.exit
    const { at, apps, events } = restored
    const { home } = app.surroundings
    if (io.output === 'json') {
      await io.out(jsonLine({ type: 'restore', at: iso(io.now()), home, backupAt: iso(at), apps, events }))
      return exits.done
    }
    const what = `${countText(apps, 'app')} and ${countText(events, 'event')}`
    await io.out(`${home}  ${what}, as they were ${moment(at, io.now())}`)
    io.note(command(io, 'only one of the two may listen: retire the other (whs backup --retire), then whs listen here'))
    return exits.done
  })
}

/** Says that something takes its time; null where a person interrupted it. */
async function whileWaiting<T>(io: Io, text: string, work: () => Promise<T>): Promise<T | null> {
  const waiting = await startWaiting(io)
  waiting.on(text)
  try {
    return await work()
  } catch (error) {
    if (io.stop.signal.aborted) return null
    throw error
  } finally {
    waiting.clear()
  }
}

/** Typed, twice where it seals; else from stdin or the environment. @throws WhsError `no-passphrase` (exit 3) */
async function passphraseFor(io: Io, name: 'backup' | 'restore', flag: string | undefined): Promise<string> {
  const line = `whs ${name} <file> --secret -`
  if (flag !== undefined) return readSecret(io, flag, 'passphrase', line)
  const fromEnv = io.env[variable]
  if (fromEnv) return fromEnv
  if (!io.mayAsk) {
    throw new WhsError({
      code: 'no-passphrase',
      exit: exits.missing,
      what: 'there is no passphrase',
      why: 'it seals the backup, and nobody can be asked for it',
      next: `printf %s "$PASSPHRASE" | ${line}, or set ${variable}`,
    })
  }
  const typed = await askSecret(io, 'Passphrase of the backup')
  if (name === 'restore' || (await askSecret(io, 'The same once more')) === typed) return typed
  throw new WhsError({
    code: 'passphrase-differs',
    exit: exits.usage,
    what: 'the two passphrases differ',
    why: 'nothing was written',
    next: 'whs backup <file>',
  })
}

function tooShort(): WhsError {
  return new WhsError({
    code: 'passphrase-short',
    exit: exits.usage,
    what: `the passphrase has fewer than ${least} characters`,
    why: 'whoever finds the file can try as many as they like; several words are good',
    next: 'whs backup <file>',
  })
}
