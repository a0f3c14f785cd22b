import { useState } from 'preact/hooks'
import type { AppView } from '../../api.ts'
import { beginConsent } from '../state/act.ts'
import { CopyButton } from './copy.tsx'
import { Dialog } from './dialog.tsx'
import { Sign } from './icons.tsx'
import { Text } from './text.tsx'

export interface ConnectDialogProps {
  apps: AppView[]
  /** What is already known. */
  begin: { app: string | null; tenant: string | null }
  onClose(): void
}

/** Begins a consent: for which app, and whose it will be. */
export function ConnectDialog({ apps, begin, onClose }: ConnectDialogProps) {
  const [app, setApp] = useState(begin.app ?? apps[0]?.name ?? '')
  const [tenant, setTenant] = useState(begin.tenant ?? '')
  const [slots, setSlots] = useState<Record<string, string>>({})
  const asks = apps.find(one => one.name === app)?.asks ?? []
  const [url, setUrl] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    const given = Object.fromEntries(asks.map(({ name }) => [name, (slots[name] ?? '').trim()]))
    const begun = await beginConsent({ app, tenant: tenant.trim() === '' ? null : tenant.trim(), slots: given })
    setUrl(begun !== null && /^https?:\/\//.test(begun) ? begun : null)
    setBusy(false)
  }
  if (url !== null) {
    return (
      <Dialog title="Connect a tenant" onClose={onClose}>
        <p class="soft">
          The consent goes on in the browser of whoever may allow it. The tenant appears here once it is done.
        </p>
        <p class="command">
          <code class="clip">
            <Text value={url} />
          </code>
          <CopyButton text={url} label="Copy the address" />
        </p>
        <footer class="dialog-end">
          <a class="button primary" href={url} target="_blank" rel="noopener noreferrer" onClick={onClose}>
            <Sign name="link" />
            Open the consent page
          </a>
        </footer>
      </Dialog>
    )
  }
  return (
    <Dialog title="Connect a tenant" onClose={onClose}>
      <form class="form" onSubmit={event => void submit(event)}>
        <label>
          App
          <select class="field" value={app} onChange={event => setApp(event.currentTarget.value)}>
            {apps.map(({ name, providerName, env }) => (
              <option value={name}>{`${name} · ${providerName} · ${env}`}</option>
            ))}
          </select>
        </label>
        {asks.map(({ name, label, example }) => (
          <label key={name}>
            {label}
            <input
              type="text"
              class="field"
              placeholder={example}
              required
              autocomplete="off"
              spellcheck={false}
              value={slots[name] ?? ''}
              onInput={event => setSlots({ ...slots, [name]: event.currentTarget.value })}
            />
          </label>
        ))}
        <label>
          Tenant
          <input
            type="text"
            class="field"
            placeholder="your word for the customer, e.g. acme"
            pattern="[A-Za-z0-9][A-Za-z0-9._:@\-]{0,63}"
            title="letters, digits and . _ : @ -"
            autocomplete="off"
            spellcheck={false}
            value={tenant}
            onInput={event => setTenant(event.currentTarget.value)}
          />
          <span class="faint">Without one it is called after the account.</span>
        </label>
        <footer class="dialog-end">
          <button type="submit" class="button primary" disabled={busy || app === ''}>
            {busy ? 'Beginning…' : 'Continue'}
          </button>
        </footer>
      </form>
    </Dialog>
  )
}
