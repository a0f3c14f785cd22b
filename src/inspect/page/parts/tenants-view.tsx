import { useEffect, useState } from 'preact/hooks'
import type { Now, ParkedView, RejectedView, TenantView } from '../../api.ts'
import { call } from '../state/call.ts'
import { useKeys } from '../state/use-keys.ts'
import { useLoaded } from '../state/use-loaded.ts'
import type { Go } from '../state/use-place.ts'
import { AppsSection } from './apps-section.tsx'
import { ConnectDialog } from './connect-dialog.tsx'
import { Command } from './copy.tsx'
import { FailureBox } from './failure-box.tsx'
import { Sign } from './icons.tsx'
import { ParkedSection, RejectedSection } from './left-over.tsx'
import { TenantCard } from './tenant-card.tsx'

/** So many come in one answer. */
const pageSize = 200
/** Below so many nobody needs to search. */
const fewTenants = 8

export interface TenantsViewProps {
  facts: Now | null
  /** Another one whenever what is shown may have changed. */
  stamp: number
  now: number
  go: Go
  onHelp(): void
}

/** Every tenant's health, what is nobody's, what did not verify, and the apps. */
export function TenantsView({ facts, stamp, now, go, onHelp }: TenantsViewProps) {
  const [search, setSearch] = useState('')
  const path = `/api/tenants${search === '' ? '' : `?search=${encodeURIComponent(search)}`}`
  const tenants = useLoaded<TenantView[]>(path)
  const [more, setMore] = useState<{ path: string; tenants: TenantView[]; isEnd: boolean }>({
    path,
    tenants: [],
    isEnd: false,
  })
  const parked = useLoaded<ParkedView[]>('/api/parked')
  const rejected = useLoaded<RejectedView[]>('/api/rejected')
  const [connecting, setConnecting] = useState<{ app: string | null; tenant: string | null } | null>(null)
  useEffect(() => {
    if (stamp === 0) return
    for (const one of [tenants, parked, rejected]) one.reload()
  }, [stamp])
  useKeys({ '?': onHelp, g: () => go({ view: 'events' }) })

  const further = more.path === path ? more : { path, tenants: [], isEnd: false }
  const all = tenants.value && [...tenants.value, ...further.tenants]
  const addMore = async (): Promise<void> => {
    const after = encodeURIComponent(all?.at(-1)?.name ?? '')
    const next = await call<TenantView[]>(`${path}${search === '' ? '?' : '&'}after=${after}`)
    setMore({ path, tenants: [...further.tenants, ...next], isEnd: next.length < pageSize })
  }
  const failure = tenants.failure ?? parked.failure ?? rejected.failure
  return (
    <main class="tenants">
      <div class="tenants-inside">
        {failure && <FailureBox failure={failure} onRetry={tenants.reload} />}
        <ParkedSection
          parked={parked.value ?? []}
          tenants={facts?.tenants ?? []}
          now={now}
          go={go}
          onDone={parked.reload}
        />
        <RejectedSection rejected={rejected.value ?? []} now={now} go={go} />
        <section aria-labelledby="tenants-title">
          <div class="section-line">
            <h2 id="tenants-title">Tenants</h2>
            {(search !== '' || (facts?.tenants.length ?? 0) > fewTenants) && (
              <input
                type="search"
                class="field"
                aria-label="Find a tenant"
                placeholder="Find a tenant"
                value={search}
                onInput={event => setSearch(event.currentTarget.value)}
              />
            )}
            {facts !== null && facts.apps.length > 0 && (
              <button type="button" class="button" onClick={() => setConnecting({ app: null, tenant: null })}>
                <Sign name="plus" />
                Connect a tenant
              </button>
            )}
          </div>
          {all?.length === 0 &&
            facts &&
            (search === '' ? <NoTenants facts={facts} /> : <p class="faint">No tenant has that in its name.</p>)}
          <div class="cards">
            {all?.map(tenant => (
              <TenantCard
                key={tenant.name}
                tenant={tenant}
                now={now}
                onEvents={failed =>
                  go({
                    view: 'events',
                    conditions: [
                      { name: 'tenant', value: tenant.name },
                      ...(failed ? [{ name: 'failed' as const, value: '' }] : []),
                    ],
                  })
                }
                onConnect={app => setConnecting({ app, tenant: tenant.name })}
              />
            ))}
          </div>
          {(tenants.value?.length ?? 0) >= pageSize && !further.isEnd && (
            <button type="button" class="button more-tenants" onClick={() => void addMore()}>
              More tenants
            </button>
          )}
        </section>
        {facts && <AppsSection facts={facts} go={go} />}
      </div>
      {connecting && facts && (
        <ConnectDialog apps={facts.apps} begin={connecting} onClose={() => setConnecting(null)} />
      )}
    </main>
  )
}

function NoTenants({ facts }: { facts: Now }) {
  const [app] = facts.apps
  return (
    <div class="empty small">
      <p>A tenant is a customer of yours who has authorised your app.</p>
      <Command text={app ? `${facts.whs} connect ${app.name} --tenant acme` : `${facts.whs} setup <provider>`} />
    </div>
  )
}
