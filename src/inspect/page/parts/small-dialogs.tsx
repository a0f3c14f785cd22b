import { useState } from 'preact/hooks'
import type { EventView } from '../../api.ts'
import { replay } from '../state/act.ts'
import { TenantChip } from './chips.tsx'
import { Command } from './copy.tsx'
import { Dialog } from './dialog.tsx'

/** Sends an event with another tenant's account written where this one's stands. */
export function AsTenantDialog({ view, tenants, onClose }: { view: EventView; tenants: string[]; onClose(): void }) {
  const [busy, setBusy] = useState<string | null>(null)
  const others = tenants.filter(name => name !== view.row.tenant)
  const send = async (tenant: string): Promise<void> => {
    setBusy(tenant)
    const answer = await replay({ id: view.row.id, tenant })
    setBusy(null)
    if (answer) onClose()
  }
  return (
    <Dialog title="Replay as another tenant" onClose={onClose}>
      <p class="soft">That tenant’s account is written where this one’s stands, and the request is signed anew.</p>
      {others.length === 0 ? (
        <div class="empty small">
          <p>There is no other tenant yet.</p>
        </div>
      ) : (
        <ul class="choices">
          {others.map(name => (
            <li key={name}>
              <button type="button" class="button row-link" disabled={busy !== null} onClick={() => void send(name)}>
                <TenantChip name={name} />
                <span class="faint">{busy === name ? 'sending…' : 'send as'}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  )
}

/** The same in the terminal. */
export function CommandsDialog({ view, onClose }: { view: EventView; onClose(): void }) {
  const { show, explain, replay: again, claim } = view.commands
  const isSendable = view.row.scope === 'tenant'
  return (
    <Dialog title="In the terminal" wide onClose={onClose}>
      <dl class="commands">
        <dt>Show it</dt>
        <dd>
          <Command text={show} />
        </dd>
        <dt>Explain it</dt>
        <dd>
          <Command text={explain} />
        </dd>
        {isSendable && (
          <>
            <dt>Send it again</dt>
            <dd>
              <Command text={again} />
            </dd>
          </>
        )}
        {claim && (
          <>
            <dt>Claim it</dt>
            <dd>
              <Command text={claim} />
            </dd>
          </>
        )}
      </dl>
    </Dialog>
  )
}

const keys: [keys: string[], does: string][] = [
  [['j', 'k'], 'next, previous event (also ↓ ↑)'],
  [['Home', 'End'], 'newest, oldest event that is loaded'],
  [['Enter'], 'open the event'],
  [['Esc'], 'close what is open'],
  [['/'], 'filter and search'],
  [['r'], 'replay: send the event now'],
  [['e'], 'edit it, then send it'],
  [['a'], 'send it as another tenant’s'],
  [['1', '…', '6'], 'Data, Raw, Headers, Explanation, Attempts, Record'],
  [['g'], 'events or tenants'],
  [['c'], 'in the tree: copy the value’s pointer'],
  [['?'], 'this help'],
]

/** The keys. */
export function HelpDialog({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">
        {keys.map(([names, does]) => (
          <div>
            <dt>{names.map(name => (name === '…' ? '…' : <kbd>{name}</kbd>))}</dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p class="soft">
        Filters are those of <code>whs events</code>:{' '}
        <code>tenant: event: provider: app: account: resource: since:</code>, <code>is:failed</code>,{' '}
        <code>is:parked</code>, <code>is:rejected</code>. Repeated they mean either.
      </p>
    </Dialog>
  )
}
