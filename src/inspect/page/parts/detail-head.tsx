import type { EventView } from '../../api.ts'
import { agoText, momentText, shortId } from '../pure/words.ts'
import { Answer } from './answer.tsx'
import { Tag } from './chips.tsx'
import { CopyButton } from './copy.tsx'
import { Whose } from './event-line.tsx'
import { Sign } from './icons.tsx'
import { Clip, Text } from './text.tsx'

/** What a person can do with the open event. */
export interface Actions {
  close(): void
  replay(): void
  edit(): void
  asTenant(): void
  commands(): void
  /** What is being done now. */
  busy: boolean
}

/** What it is, whose it is, and what can be done with it. */
export function DetailHead({ view, now, actions }: { view: EventView; now: number; actions: Actions }) {
  const { row, request } = view
  const isRejected = row.scope === 'rejected'
  return (
    <header class="detail-head">
      <div class="detail-title">
        <button
          type="button"
          class="button bare detail-back"
          aria-label="Close the details"
          title="Close (Esc)"
          onClick={actions.close}
        >
          <Sign name="close" />
        </button>
        <h2>
          <Clip value={row.event ?? (isRejected ? 'Rejected request' : 'Unreadable event')} />
        </h2>
        {row.resource && <Clip class="soft" value={`${row.resource.type} ${row.resource.id}`} />}
      </div>
      <dl class="facts">
        {!isRejected && (
          <div class="wide">
            <dt>Tenant</dt>
            <dd>
              <Whose row={row} />
              {row.account !== null && row.tenant !== null && (
                <Clip class="soft" value={`${row.accountWord ?? 'account'} ${row.account}`} />
              )}
              <Verified view={view} />
            </dd>
          </div>
        )}
        <div>
          <dt>{isRejected ? 'Verdict' : 'Handler'}</dt>
          <dd>
            <Answer row={row} now={now} />
          </dd>
        </div>
        <div>
          <dt>App</dt>
          <dd>
            <Clip value={row.app} />
            <Tag tone={row.env === 'production' ? 'warn' : 'plain'}>{row.env}</Tag>
          </dd>
        </div>
        <div>
          <dt>Received</dt>
          <dd>
            <time dateTime={new Date(row.at).toISOString()} title={momentText(row.at)}>
              {agoText(row.at, now)}
            </time>
            <span class="soft" title="what the provider was answered">
              answered {request.status}
            </span>
          </dd>
        </div>
        <div>
          <dt>Id</dt>
          <dd>
            <code title={row.id}>
              <Text value={shortId(row.id)} />
            </code>
            <CopyButton text={row.id} label="Copy the id" />
          </dd>
        </div>
      </dl>
      <ActionBar view={view} actions={actions} />
    </header>
  )
}

function Verified({ view }: { view: EventView }) {
  const { verified, scope } = view.row
  if (scope === 'rejected') return null
  if (verified === 'signature')
    return (
      <Tag tone="good" title="the signature covers the body">
        verified
      </Tag>
    )
  if (verified === 'token') return <Tag title="a token proves the sender, not the bytes">token</Tag>
  return <Tag tone="bad">unverified</Tag>
}

function ActionBar({ view, actions }: { view: EventView; actions: Actions }) {
  const isSendable = view.row.scope !== 'rejected' && view.row.scope !== 'parked'
  const canEdit = 'text' in view.edit
  const no = 'no' in view.edit ? view.edit.no : undefined
  return (
    <div class="actions" role="group" aria-label="Actions">
      {isSendable && (
        <>
          <button
            type="button"
            class="button primary"
            disabled={actions.busy}
            onClick={actions.replay}
            title="Send it now (r)"
          >
            <Sign name="replay" />
            {actions.busy ? 'Sending…' : 'Replay'}
          </button>
          <button
            type="button"
            class="button"
            disabled={!canEdit}
            onClick={actions.edit}
            title={no ?? 'Change it, then send it (e)'}
          >
            <Sign name="edit" />
            Edit
          </button>
          <button type="button" class="button" onClick={actions.asTenant} title="Send it as another tenant’s (a)">
            <Sign name="tenant" />
            <span>
              As<span class="long"> tenant</span>…
            </span>
          </button>
        </>
      )}
      <CopyButton text={view.curl} label="Copy as curl">
        curl
      </CopyButton>
      <button
        type="button"
        class="button"
        aria-label="In the terminal"
        title="The same in the terminal"
        onClick={actions.commands}
      >
        <Sign name="terminal" />
        <span>Terminal</span>
      </button>
    </div>
  )
}
