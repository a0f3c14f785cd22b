import { useEffect, useRef, useState } from 'preact/hooks'
import type { EventView, Now } from '../../api.ts'
import { type Tab, tabs } from '../pure/place.ts'
import type { Loaded } from '../state/use-loaded.ts'
import type { Go } from '../state/use-place.ts'
import { AttemptsTab } from './attempts-tab.tsx'
import { ClaimForm } from './claim-form.tsx'
import { DataTab } from './data-tab.tsx'
import { type Actions, DetailHead } from './detail-head.tsx'
import { ExplanationTab } from './explanation-tab.tsx'
import { FailureBox } from './failure-box.tsx'
import { HeadersTab } from './headers-tab.tsx'
import { Sign } from './icons.tsx'
import { RawTab } from './raw-tab.tsx'
import { RecordTab } from './record-tab.tsx'

export interface DetailProps {
  loaded: Loaded<EventView>
  facts: Now | null
  tab: Tab
  now: number
  go: Go
  actions: Actions
}

const names: Record<Tab, string> = {
  data: 'Data',
  raw: 'Raw',
  headers: 'Headers',
  explanation: 'Explanation',
  attempts: 'Attempts',
  record: 'Record',
}

/** Everything about one event, or one request that did not verify. */
export function Detail({ loaded, facts, tab, now, go, actions }: DetailProps) {
  const { value: view, failure, reload } = loaded
  const [reveal, setReveal] = useState(0)
  const body = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (body.current) body.current.scrollTop = 0
  }, [view?.row.id, tab])
  useEffect(() => setReveal(0), [view?.row.id])

  if (failure) {
    return (
      <aside class="detail" aria-label="The event">
        <div class="detail-title detail-head">
          <button type="button" class="button bare detail-back" aria-label="Close the details" onClick={actions.close}>
            <Sign name="close" />
          </button>
        </div>
        <div class="detail-body">
          <FailureBox failure={failure} onRetry={reload} />
        </div>
      </aside>
    )
  }
  if (!view) return <aside class="detail loading" aria-label="The event" aria-busy="true" />
  const shown = tabsOf(view)
  const at = shown.includes(tab) ? tab : 'data'
  const toValue = (): void => {
    go({ tab: view.explanation.value ? 'data' : 'headers' }, 'replace')
    setReveal(one => one + 1)
  }
  return (
    <aside class="detail" aria-label="The event">
      <DetailHead view={view} now={now} actions={actions} />
      {view.row.scope === 'parked' && <ClaimForm view={view} tenants={facts?.tenants ?? []} onDone={reload} />}
      <Tabs view={view} shown={shown} at={at} go={go} />
      <div ref={body} class="detail-body" role="tabpanel" id="tab-panel" aria-labelledby={`tab-${at}`} tabIndex={0}>
        {at === 'data' && <DataTab view={view} reveal={reveal} go={go} />}
        {at === 'raw' && <RawTab view={view} />}
        {at === 'headers' && <HeadersTab view={view} />}
        {at === 'explanation' && <ExplanationTab view={view} onValue={toValue} />}
        {at === 'attempts' && <AttemptsTab view={view} now={now} whs={facts?.whs ?? 'whs'} />}
        {at === 'record' && view.record && <RecordTab record={view.record} />}
      </div>
    </aside>
  )
}

/** The tabs that an event has; their numbers are keys. */
export function tabsOf(view: EventView): Tab[] {
  const none = new Set<Tab>(view.row.scope === 'rejected' ? ['attempts', 'record'] : [])
  if (!view.record) none.add('record')
  return tabs.filter(tab => !none.has(tab))
}

function Tabs({ view, shown, at, go }: { view: EventView; shown: Tab[]; at: Tab; go: Go }) {
  const press = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    event.stopPropagation()
    const next = shown[(shown.indexOf(at) + step + shown.length) % shown.length] as Tab
    go({ tab: next }, 'replace')
    document.getElementById(`tab-${next}`)?.focus()
  }
  return (
    <div class="tabs" role="tablist" aria-label="About the event" onKeyDown={press}>
      {shown.map(tab => (
        <button
          key={tab}
          type="button"
          role="tab"
          id={`tab-${tab}`}
          aria-selected={tab === at}
          aria-controls="tab-panel"
          tabIndex={tab === at ? 0 : -1}
          onClick={() => go({ tab }, 'replace')}
        >
          {names[tab]}
          {tab === 'attempts' && <span class="count number">{view.attempts.length}</span>}
          {tab === 'headers' && <span class="count number">{view.request.headers.length}</span>}
        </button>
      ))}
    </div>
  )
}
