import type { App } from '../../app/app.ts'
import { exits, WhsError } from '../../core/errors.ts'
import type { Filter } from '../../core/filter.ts'
import { followStore } from '../../deliver/follow.ts'
import { type CommandContext, withApp } from '../context.ts'
import { type FilterFlags, filterOf, refuseForRejected } from '../filter-options.ts'
import type { Io } from '../io.ts'
import { accountWord } from '../render/account-word.ts'
import { command } from '../render/command.ts'
import { moment } from '../render/event-row.ts'
import { eventPrinter } from '../render/event-state.ts'
import { factRecords } from '../render/fact-records.ts'
import { makeListenText } from '../render/listen-text.ts'
import { rejectedLine } from '../render/rejected-line.ts'

interface ListFlags extends FilterFlags {
  rejected?: boolean
  limit?: string
  follow?: boolean
}

const onTerminal = 50
const page = 500
/** To count all of what fits may take long. */
const mostCounted = 1_000
/** What a search gives to the index, so that the next one is quicker. */
const fillMs = 1_500

export async function eventsList(context: CommandContext, flags: ListFlags): Promise<number> {
  return withApp(context, async app => {
    const filter = filterOf(flags, context.io.now())
    const limit = limitOf(flags.limit, context.io)
    if (flags.rejected) refuseForRejected(flags, 'whs events')
    if (flags.follow)
      return follow(context, app, filter, {
        rejectedOnly: flags.rejected === true,
        limit: flags.limit === undefined ? Number.MAX_SAFE_INTEGER : limit,
      })
    if (flags.rejected) return listRejected(context, app, filter, limit)
    if (filter.search !== undefined) await app.store().read('fillSearch', { ms: fillMs, make: true })
    return list(context, app, filter, limit)
  })
}

function limitOf(text: string | undefined, io: Io): number {
  if (text === undefined) return io.output === 'text' && io.isTty.out ? onTerminal : Number.MAX_SAFE_INTEGER
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  const what = `"${text}" is no limit`
  throw new WhsError({
    code: 'bad-limit',
    exit: exits.usage,
    what,
    why: '--limit takes a number from 1 up',
    next: 'whs events --limit 20',
  })
}

async function list({ io }: CommandContext, app: App, filter: Filter, limit: number): Promise<number> {
  const store = app.store()
  let print: ReturnType<typeof eventPrinter> | undefined
  let left = limit
  let after: number | undefined
  while (left > 0) {
    const query = {
      filter,
      order: 'newest' as const,
      limit: Math.min(page, left),
      ...(after === undefined ? {} : { after }),
    }
    const events = await store.read('listEvents', query)
    print ??= eventPrinter(io, app, events)
    for (const event of events) await print(event)
    left -= events.length
    after = events.at(-1)?.seq
    if (events.length < page || after === undefined) break
  }
  if (io.output === 'json') return 0
  const total = await store.read('countEvents', { filter, most: limit + mostCounted })
  if (total === 0) await io.out(await nothingText(io, app, filter))
  else if (total > limit) {
    const left = total < limit + mostCounted ? `${total - limit} more` : `${mostCounted} or more`
    await io.out(`… ${left}: --limit ${Math.min(total, limit * 4)}, or narrow it with --tenant, --event, --since`)
  }
  return 0
}

async function nothingText(io: Io, app: App, filter: Filter): Promise<string> {
  const all = await app.store().read('countEvents', { filter: {} })
  if (all > 0) {
    const { unknownSentences } = await import('../../app/unknown-names.ts')
    const which = Object.keys(filter).length > 0 ? ' these filters' : ''
    return [`Nothing fits${which}; ${all} events are stored.`, ...(await unknownSentences(app, filter))].join(' ')
  }
  return `No event has come yet. ${command(io, 'whs listen')} receives, ${command(io, 'whs demo')} shows how it looks.`
}

async function listRejected({ io }: CommandContext, app: App, filter: Filter, limit: number): Promise<number> {
  const found = await app.store().read('listRejected', {
    filter,
    order: 'newest',
    limit: Math.min(limit, 1_000_000),
  })
  for (const one of found) await io.out(rejectedLine(io, one))
  if (found.length === 0 && io.output === 'text') await io.out('Nothing was rejected.')
  return 0
}

async function follow(
  context: CommandContext,
  app: App,
  filter: Filter,
  { rejectedOnly, limit }: { rejectedOnly: boolean; limit: number },
): Promise<number> {
  const { io, version } = context
  const store = app.store()
  const { since, ...live } = filter
  const from = since === undefined ? await store.read('readCursors') : await store.read('cursorsAt', { at: since })
  const text = makeListenText({
    io,
    version,
    accountWord,
    readEvent: seq => store.read('readEvent', { seq }),
    eager: true,
  })
  let failure: unknown
  let left = limit
  const ended = new Promise<void>(resolve => {
    const end = (): void => void follower.stop().then(resolve, () => resolve())
    const follower = followStore({
      store,
      filter: live,
      from,
      rejectedOnly,
      async onStored(stored) {
        if (left <= 0) return
        for (const line of io.output === 'json' ? factRecords(io, stored) : await text.lines(stored)) await io.out(line)
        if (stored.kind === (rejectedOnly ? 'rejected' : 'event') && --left === 0) end()
      },
      onError(error) {
        failure = error
        void follower.stop().catch(() => undefined)
        resolve()
      },
    })
    io.stop.signal.addEventListener('abort', end, { once: true })
  })
  const begin = since === undefined ? 'from now on' : `since ${moment(since, io.now())}`
  if (io.output === 'text') io.note(`following what is stored ${begin}; Ctrl-C ends`)
  const { unknownNames } = await import('../../app/unknown-names.ts')
  for (const clause of await unknownNames(app, filter)) io.note(`note   ${clause}`)
  await ended
  if (failure) throw failure
  return io.stop.exit
}
