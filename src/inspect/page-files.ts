import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Reply } from '../net/door.ts'
import { pagePolicy, safeHeaders } from './guard.ts'

/** Where the build puts the page. */
export const pageFolder = fileURLToPath(new URL('../../dist/inspect', import.meta.url))

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}

/** The page itself, whatever view of it the URL names; it holds nothing of anybody. */
export async function pageReply(folder: string): Promise<Reply> {
  const reply = await fileReply(folder, 'index.html', 'no-cache')
  return reply ?? plainReply(503, 'The inspector was not built: npm run build\n')
}

/** A file that the page names; those have a hash in their names and never change. */
export async function assetReply(folder: string, name: string): Promise<Reply> {
  const isName = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}$/.test(name)
  const reply = isName ? await fileReply(folder, join('assets', name), 'public, max-age=31536000, immutable') : null
  return reply ?? plainReply(404, 'There is nothing here.\n')
}

async function fileReply(folder: string, name: string, keep: string): Promise<Reply | null> {
  const type = types[extname(name)]
  if (type === undefined) return null
  try {
    const body = await readFile(join(folder, name))
    const policy = { 'content-security-policy': pagePolicy, 'cache-control': keep }
    return { status: 200, headers: { ...safeHeaders, ...policy, 'content-type': type }, body }
  } catch {
    return null
  }
}

/** A line of text for a person. */
export function plainReply(status: number, body: string): Reply {
  const headers = {
    ...safeHeaders,
    'content-type': 'text/plain; charset=utf-8',
    'content-security-policy': pagePolicy,
    'cache-control': 'no-store',
  }
  return { status, headers, body }
}
