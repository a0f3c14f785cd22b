import { callAsTenant, saidLines } from '../../app/tenant-api.ts'
import { maxAnswerBytes } from '../../connect/api-request.ts'
import { exits, WhsError } from '../../core/errors.ts'
import { bytesText } from '../../core/text.ts'
import { type CommandContext, withApp } from '../context.ts'
import type { Io } from '../io.ts'
import { startWaiting } from '../spinner.ts'

interface ApiFlags {
  app?: string
  account?: string
  body?: string
  type?: string
  all?: boolean
}

/** `whs api`: a request in a tenant's name, whose answer goes to stdout byte for byte. */
export async function api(
  context: CommandContext,
  flags: ApiFlags,
  tenant: string,
  method: string,
  target: string,
): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const body = await readBody(io, flags.body)
    const wish = { tenant, method, target, body, app: flags.app ?? null, account: flags.account ?? null }
    const waiting = await startWaiting(io)
    waiting.on(`waiting for the answer to ${method.toUpperCase()}`)
    try {
      const wanted = { ...wish, type: flags.type ?? null, all: flags.all === true }
      for await (const { page, failure } of callAsTenant(app, wanted, { signal: io.stop.signal })) {
        waiting.clear()
        if (failure) {
          for (const line of saidLines(page)) io.note(line)
          throw failure
        }
        await io.outBytes(page.answer.body)
        if (page.answer.body.length >= maxAnswerBytes) throw tooLarge()
        // A byte of our own stands between pages alone, and before the prompt of a terminal.
        if ((wanted.all || io.isTty.out) && page.answer.body.at(-1) !== newline) await io.outBytes(Buffer.of(newline))
        if (page.isCut && wanted.all) io.note('note   there are further pages, which were not asked for any more')
      }
    } finally {
      waiting.clear()
    }
    return exits.done
  })
}

const newline = 10

async function readBody(io: Io, from: string | undefined): Promise<Buffer | null> {
  if (from === undefined) return null
  if (from !== '-') {
    throw new WhsError({
      code: 'usage',
      exit: exits.usage,
      what: `--body is read from stdin, not from "${from}"`,
      why: 'a body may hold what belongs in no list of processes',
      next: 'whs api … --body - < body.json',
    })
  }
  if (io.isTty.in) io.note('the body is read from here until Ctrl-D')
  const chunks: Buffer[] = []
  for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks)
}

function tooLarge(): WhsError {
  return new WhsError({
    code: 'answer-too-large',
    exit: exits.api,
    what: `the answer is larger than ${bytesText(maxAnswerBytes)} and was cut there`,
    why: 'whs api takes no more',
    next: 'ask for less at once',
  })
}
