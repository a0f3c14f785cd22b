import { resolve } from 'node:path'
import type { App } from '../../app/app.ts'
import { type ExportWish, exportDelivery, type WrittenExport } from '../../app/export-delivery.ts'
import { unknownSentences } from '../../app/unknown-names.ts'
import { exits, WhsError } from '../../core/errors.ts'
import type { Filter } from '../../core/filter.ts'
import { bytesText, countText, safeText } from '../../core/text.ts'
import { isOwn } from '../../store/own-delivery-ops.ts'
import { type CommandContext, withApp } from '../context.ts'
import { type FilterFlags, filterOf, refuseForRejected } from '../filter-options.ts'
import { findId } from '../find-id.ts'
import type { Io } from '../io.ts'
import { command } from '../render/command.ts'
import { iso, jsonLine } from '../render/records.ts'

interface ExportFlags extends FilterFlags {
  rejected?: boolean
  as: 'json' | 'curl'
  out?: string
}

type Request = ExportWish['request']
const page = 500

export async function eventsExport(context: CommandContext, flags: ExportFlags, ids: string[]): Promise<number> {
  const { io } = context
  const filter = filterOf(flags, io.now())
  if (flags.rejected) refuseForRejected(flags, 'whs events export --as json')
  const isFiltered = flags.rejected === true || Object.keys(filter).length > 0
  if (ids.length > 0 === isFiltered) throw nothingNamed(ids.length > 0)
  return withApp(context, async app => {
    const out = resolve(io.cwd, flags.out ?? '.')
    let count = 0
    for await (const request of ids.length > 0 ? named(app, ids) : chosen(app, filter, flags.rejected === true)) {
      if (io.stop.signal.aborted) return io.stop.exit
      const written = await exportDelivery(app, { request, as: flags.as, out })
      if (!written) continue
      count++
      await tell(io, written)
    }
    if (count === 0) {
      io.note(['nothing fits, so nothing was written.', ...(await unknownSentences(app, filter))].join(' '))
    }
    return exits.done
  })
}

/** The deliveries of ids, each once. */
async function* named(app: App, ids: string[]): AsyncGenerator<Request> {
  const seen = new Set<string>()
  const requests: Request[] = []
  for (const id of ids) {
    const found = await findId(app, id)
    const request: Request = found.kind === 'rejected' ? { rejectedSeq: found.seq } : { deliverySeq: found.deliverySeq }
    const key = JSON.stringify(request)
    if (!seen.has(key)) requests.push(request)
    seen.add(key)
  }
  yield* requests
}

/** The deliveries of events that pass a filter, oldest first, each once. */
async function* chosen(app: App, filter: Filter, rejected: boolean): AsyncGenerator<Request> {
  const store = app.store()
  if (rejected) {
    for (const { seq } of await store.read('listRejected', { filter, order: 'oldest', limit: 1_000_000 })) {
      yield { rejectedSeq: seq }
    }
    return
  }
  // A released or copied event can stand far from the others of its delivery.
  const seen = new Set<number>()
  for (let after = 0; ; ) {
    const events = await store.read('listEvents', { filter, order: 'oldest', after, limit: page })
    for (const { deliverySeq, source } of events) {
      // What nobody posted cannot travel.
      if (seen.has(deliverySeq) || isOwn(source)) continue
      seen.add(deliverySeq)
      yield { deliverySeq }
    }
    after = events.at(-1)?.seq ?? 0
    if (events.length < page) return
  }
}

async function tell(io: Io, { delivery, files }: WrittenExport): Promise<void> {
  const { id, app, bytes, masked, events, rejected } = delivery
  const tenants = [...new Set(events.flatMap(({ tenant }) => tenant ?? []))]
  if (tenants.length > 1)
    io.note(`note   ${id} holds events of ${tenants.map(safeText).join(' and ')}: whoever gets it sees both`)
  if (masked.includes('body'))
    io.note(`note   ${id} holds a secret of ${app}, which is covered: its signature will not verify`)
  if (io.output === 'json') {
    await io.out(jsonLine({ type: 'export', at: iso(io.now()), deliveryId: id, app, files, bytes, masked, tenants }))
    return
  }
  const what = rejected ? `rejected: ${rejected.reason}` : countText(events.length, 'event')
  await io.out(
    `${files[0]}  ${app}  ${what}, ${bytesText(bytes)}${masked.length > 0 ? `, masked: ${masked.join(', ')}` : ''}`,
  )
  if (files[0].endsWith('.sh')) io.note(`send it: TARGET=http://localhost:3000/… sh ${files[0]}`)
  else io.note(command(io, `elsewhere: whs events import ${files[0]}, with the .body beside it`))
}

function nothingNamed(isBoth: boolean): WhsError {
  return new WhsError({
    code: isBoth ? 'ids-and-filters' : 'nothing-named',
    exit: exits.usage,
    what: isBoth ? 'ids and filters exclude each other' : 'nothing says which deliveries',
    why: 'deliveries are named by their ids, or by filters',
    next: 'whs events export last --as json, or whs events export --tenant acme --since 1h --as json --out ./kept',
  })
}
