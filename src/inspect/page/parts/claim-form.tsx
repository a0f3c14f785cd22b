import { useId, useState } from 'preact/hooks'
import type { EventView } from '../../api.ts'
import { claim } from '../state/act.ts'
import { CopyButton } from './copy.tsx'
import { Sign } from './icons.tsx'
import { Text } from './text.tsx'

const reasons: Record<string, string> = {
  mismatch: 'Its URL, its hook and its account name different tenants, so nobody gets it.',
  unreadable: 'It verified, but could not be read.',
  resolving: 'The provider is being asked whose it is.',
}

/** Whose a parked event shall be. */
export function ClaimForm({ view, tenants, onDone }: { view: EventView; tenants: string[]; onDone(): void }) {
  const { row, commands } = view
  const { app, account, accountWord, reason } = row
  if (account === null || commands.claim === null) {
    return (
      <div class="claim">
        <p>
          <b>Parked.</b> {reasons[reason ?? ''] ?? 'It names no account that could be claimed.'}
        </p>
      </div>
    )
  }
  return (
    <div class="claim">
      <p>
        <b>Parked:</b> <Text value={`${accountWord ?? 'account'} ${account}`} /> is nobody’s here. Whose is it?
      </p>
      <ClaimLine app={app} account={account} tenants={tenants} command={commands.claim} onDone={onDone} />
    </div>
  )
}

export interface ClaimLineProps {
  app: string
  account: string
  tenants: string[]
  command: string | null
  onDone(): void
}

/** Takes the name of a tenant, which may be a new one, and gives it the account. */
export function ClaimLine({ app, account, tenants, command, onDone }: ClaimLineProps) {
  const [tenant, setTenant] = useState('')
  const [busy, setBusy] = useState(false)
  const list = useId()
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (tenant.trim() === '' || busy) return
    setBusy(true)
    const isDone = await claim({ app, account, tenant: tenant.trim() })
    setBusy(false)
    if (isDone) onDone()
  }
  return (
    <form class="line-form" onSubmit={event => void submit(event)}>
      <input
        type="text"
        class="field claim-tenant"
        aria-label={`The tenant that ${account} belongs to`}
        placeholder="tenant"
        list={list}
        required
        pattern="[A-Za-z0-9][A-Za-z0-9._:@\-]{0,63}"
        title="letters, digits and . _ : @ -"
        autocomplete="off"
        spellcheck={false}
        value={tenant}
        onInput={event => setTenant(event.currentTarget.value)}
      />
      <datalist id={list}>
        {tenants.map(name => (
          <option value={name} />
        ))}
      </datalist>
      <button type="submit" class="button primary" disabled={busy}>
        <Sign name="check" />
        {busy ? 'Claiming…' : 'Claim'}
      </button>
      {command && <CopyButton text={command} label="Copy the command that does the same" />}
    </form>
  )
}
