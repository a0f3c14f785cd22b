import { type FileHandle, open } from 'node:fs/promises'
import { exits, WhsError } from '../core/errors.ts'

/** A file of records, one a line, that a session leaves behind beside what it prints. */
export interface RecordLog {
  /** Appends lines. Never throws: where the disk is full the session goes on without them. */
  append(lines: string[]): Promise<void>
  close(): Promise<void>
}

/**
 * Opens a log for appending (0600, since payloads of tenants stand in it); `onFault` is told the first failure alone.
 * @throws WhsError `bad-log` (exit 2) where it cannot be opened
 */
export async function openRecordLog(path: string, onFault: (why: string) => void): Promise<RecordLog> {
  const file = await openFile(path)
  let hasFailed = false
  return {
    async append(lines) {
      if (lines.length === 0) return
      try {
        await writeWhole(file, Buffer.from(lines.map(line => `${line}\n`).join('')))
      } catch (error) {
        if (!hasFailed) onFault((error as Error).message)
        hasFailed = true
      }
    },
    close: () => file.close().catch(() => undefined),
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, 'a', 0o600)
    if ((await file.stat()).isFile()) await file.chmod(0o600)
    return file
  } catch (error) {
    throw new WhsError({
      code: 'bad-log',
      exit: exits.usage,
      what: `the log ${path} cannot be opened`,
      why: (error as Error).message,
      next: 'whs listen --log <file in a folder that exists>',
      cause: error,
    })
  }
}

/** All of it or nothing: what a full disk took of a line is taken back, so that every line stays valid. */
async function writeWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  let written = 0
  try {
    while (written < bytes.length) written += (await file.write(bytes, written)).bytesWritten
  } catch (error) {
    if (written > 0) await file.truncate((await file.stat()).size - written)
    throw error
  }
}
