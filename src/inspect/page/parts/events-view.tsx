import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { EventRow, EventView, Now } from '../../api.ts'
import { type Condition, type Place, withCondition } from '../pure/place.ts'
import type { KnownWords } from '../pure/query-text.ts'
import { numberText } from '../pure/words.ts'
import { replay } from '../state/act.ts'
import { useKeys } from '../state/use-keys.ts'
import { useLoaded } from '../state/use-loaded.ts'
import { useMedia } from '../state/use-now.ts'
import type { Go } from '../state/use-place.ts'
import type { Rows } from '../state/use-rows.ts'
import { Detail, tabsOf } from './detail.tsx'
import { EditDialog } from './edit-dialog.tsx'
import { EmptyList } from './empty-list.tsx'
import { EventList } from './event-list.tsx'
import { FailureBox } from './failure-box.tsx'
import { QueryBar } from './query-bar.tsx'
import { AsTenantDialog, CommandsDialog } from './small-dialogs.tsx'

export interface EventsViewProps {
  place: Place
  conditions: Condition[]
  go: Go
  rows: Rows
  facts: Now | null
  known: KnownWords
  now: number
  onHelp(): void
}

/** The list, the line to filter it, and beside it the open event. */
export function EventsView({ place, conditions, go, rows, facts, known, now, onHelp }: EventsViewProps) {
  const { open, tab } = place
  const isNarrow = useMedia('(max-width: 720px)')
  const [cursor, setCursor] = useState<string | null>(open)
  const [dialog, setDialog] = useState<'edit' | 'as' | 'commands' | null>(null)
  const [busy, setBusy] = useState(false)
  const grid = useRef<HTMLDivElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const { pages } = rows
  const loaded = useLoaded<EventView>(open === null ? null : `/api/events/${encodeURIComponent(open)}`)
  const { value: view } = loaded
  const words = useMemo(() => ({ ...known, ...wordsIn(rows) }), [known, pages])

  useEffect(() => {
    if (open !== null && rows.touched.has(open)) loaded.reload()
  }, [rows.touched])
  useEffect(() => {
    if (rows.generation > 1) loaded.reload()
  }, [rows.generation])
  useEffect(() => {
    if (open !== null) setCursor(open)
  }, [open])

  const show = (id: string): void => go({ open: id }, open === null ? undefined : 'replace')
  const close = (): void => {
    go({ open: null })
    grid.current?.focus({ preventScroll: true })
  }
  const step = (by: number): void => {
    const place = cursor === null ? -1 : (pages?.placeOf(cursor) ?? -1)
    const row = pages?.at(Math.max(0, place + by))
    if (!row) return
    setCursor(row.id)
    if (open !== null && !isNarrow) show(row.id)
  }
  const toEnd = (): void => {
    const last = (pages?.count ?? 0) - 1
    grid.current?.scrollTo({ top: grid.current.scrollHeight })
    const row = pages?.at(last)
    if (row) setCursor(row.id)
  }
  const again = async (): Promise<void> => {
    if (busy || !view || !isSendable(view)) return
    setBusy(true)
    await replay({ id: view.row.id })
    setBusy(false)
    loaded.reload()
  }
  const act = (dialog: 'edit' | 'as') => () => {
    if (!view || !isSendable(view) || (dialog === 'edit' && !('text' in view.edit))) return false
    setDialog(dialog)
    return true
  }
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    PageDown: () => step(Math.floor((grid.current?.clientHeight ?? 0) / 36) - 1),
    PageUp: () => step(1 - Math.floor((grid.current?.clientHeight ?? 0) / 36)),
    Home: () => {
      grid.current?.scrollTo({ top: 0 })
      setCursor(pages?.at(0)?.id ?? null)
    },
    End: toEnd,
    Enter: () => (cursor === null ? false : show(cursor)),
    Escape: () => (open === null ? false : close()),
    '/': () => input.current?.focus(),
    '?': onHelp,
    g: () => go({ view: 'tenants', open: null }),
    r: () => void again(),
    e: act('edit'),
    a: act('as'),
    ...Object.fromEntries(
      (view ? tabsOf(view) : []).map((name, index) => [String(index + 1), () => go({ tab: name }, 'replace')]),
    ),
  })

  const isEmpty = pages !== null && pages.count === 0
  return (
    <main class={open === null ? 'events' : 'events with-detail'}>
      <section class="list-side" aria-label="Events">
        <div class="query-line">
          <QueryBar conditions={conditions} known={words} input={input} onChange={next => go({ conditions: next })} />
          <p class="total soft number" aria-live="off">
            {pages && pages.isCounted && !isEmpty && numberText(pages.count)}
          </p>
        </div>
        {rows.failure && <FailureBox failure={rows.failure} onRetry={rows.reload} />}
        {rows.failure && !pages ? null : isEmpty && facts ? (
          <EmptyList facts={facts} conditions={conditions} onClear={() => go({ conditions: [] })} />
        ) : (
          <EventList
            rows={rows}
            cursor={cursor}
            open={open}
            lineHeight={isNarrow ? 60 : 36}
            now={now}
            grid={grid}
            onPress={row => {
              setCursor(row.id)
              show(row.id)
            }}
            onOlder={row =>
              go({ conditions: withCondition(conditions, { name: 'until', value: new Date(row.at).toISOString() }) })
            }
          />
        )}
      </section>
      {open !== null && (
        <Detail
          loaded={loaded}
          facts={facts}
          tab={tab}
          now={now}
          go={go}
          actions={{
            close,
            busy,
            replay: () => void again(),
            edit: () => setDialog('edit'),
            asTenant: () => setDialog('as'),
            commands: () => setDialog('commands'),
          }}
        />
      )}
      {view && dialog === 'edit' && <EditDialog view={view} onClose={() => setDialog(null)} />}
      {view && dialog === 'as' && (
        <AsTenantDialog view={view} tenants={facts?.tenants ?? []} onClose={() => setDialog(null)} />
      )}
      {view && dialog === 'commands' && <CommandsDialog view={view} onClose={() => setDialog(null)} />}
    </main>
  )
}

function isSendable({ row }: EventView): boolean {
  return row.scope === 'tenant' || row.scope === 'app'
}

/** Types of events and resources among the newest rows: what the query bar may offer. */
function wordsIn({ pages }: Rows): KnownWords {
  const [events, resources] = [new Set<string>(), new Set<string>()]
  for (let place = 0; place < 100; place++) {
    const row: EventRow | undefined = pages?.at(place)
    if (row?.event) events.add(row.event)
    if (row?.resource) resources.add(row.resource.type)
  }
  return { event: [...events].sort(), resource: [...resources].sort() }
}
