import { useCallback, useMemo, useRef, useState } from 'preact/hooks'
import type { Now } from '../../api.ts'
import type { KnownWords } from '../pure/query-text.ts'
import { useLoaded } from '../state/use-loaded.ts'
import { useNow } from '../state/use-now.ts'
import { usePlace } from '../state/use-place.ts'
import { useRows } from '../state/use-rows.ts'
import { EventsView } from './events-view.tsx'
import { Notices } from './notices.tsx'
import { HelpDialog } from './small-dialogs.tsx'
import { TenantsView } from './tenants-view.tsx'
import { TopBar } from './top-bar.tsx'

/** The whole page. */
export function Inspector() {
  const [place, go] = usePlace()
  const { value: facts, failure, reload } = useLoaded<Now>('/api/now')
  const [stamp, setStamp] = useState(0)
  const soon = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const changed = useCallback(() => {
    clearTimeout(soon.current)
    soon.current = setTimeout(() => {
      reload()
      setStamp(one => one + 1)
    }, 150)
  }, [])
  const query = JSON.stringify(place.conditions)
  const conditions = useMemo(() => place.conditions, [query])
  const rows = useRows(conditions, changed)
  const now = useNow()
  const [help, setHelp] = useState(false)
  const known = useMemo(() => wordsOf(facts), [facts])

  return (
    <div class="page">
      <TopBar
        facts={facts}
        view={place.view}
        link={failure?.code === 'away' ? 'lost' : rows.link}
        now={now}
        onView={view => go({ view, open: null })}
        onHelp={() => setHelp(true)}
      />
      {place.view === 'events' ? (
        <EventsView
          place={place}
          conditions={conditions}
          go={go}
          rows={rows}
          facts={facts}
          known={known}
          now={now}
          onHelp={() => setHelp(true)}
        />
      ) : (
        <TenantsView facts={facts} stamp={stamp} now={now} go={go} onHelp={() => setHelp(true)} />
      )}
      {help && <HelpDialog onClose={() => setHelp(false)} />}
      <Notices />
    </div>
  )
}

/** What the query bar may offer. */
function wordsOf(facts: Now | null): KnownWords {
  if (!facts) return {}
  const apps = facts.apps.map(app => app.name)
  const providers = [...new Set(facts.apps.map(app => app.provider))]
  const env = [...new Set(facts.apps.map(app => app.env))]
  const times = ['15m', '1h', '24h', '7d']
  return {
    tenant: facts.tenants,
    app: apps,
    provider: providers,
    env,
    scope: ['tenant', 'parked', 'app'],
    since: times,
    until: times,
  }
}
