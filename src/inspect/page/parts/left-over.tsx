import { useState } from 'preact/hooks'
import type { ParkedView, RejectedView } from '../../api.ts'
import { agoText, countText, numberText } from '../pure/words.ts'
import type { Go } from '../state/use-place.ts'
import { Tag } from './chips.tsx'
import { ClaimLine } from './claim-form.tsx'
import { CopyButton, NextStep } from './copy.tsx'
import { Clip } from './text.tsx'

/** So many are shown before somebody asks for all. */
const few = 5

interface ParkedProps {
  parked: ParkedView[]
  tenants: string[]
  now: number
  go: Go
  onDone(): void
}

/** Accounts that are nobody's here, each with a line to claim it; those that can be claimed come first, the latest before. */
export function ParkedSection({ parked, tenants, now, go, onDone }: ParkedProps) {
  const [all, setAll] = useState(false)
  if (parked.length === 0) return null
  const sorted = parked.toSorted(
    (left, right) => Number(left.claim === null) - Number(right.claim === null) || right.lastAt - left.lastAt,
  )
  return (
    <section class="left-over" aria-labelledby="parked-title">
      <div class="section-line">
        <h2 id="parked-title">Parked</h2>
        <span class="soft">Verified, but nobody’s here. A claim releases what waits.</span>
        <button
          type="button"
          class="button quiet"
          onClick={() => go({ view: 'events', conditions: [{ name: 'parked', value: '' }] })}
        >
          Show the events
        </button>
      </div>
      <ul class="rows boxed">
        {(all ? sorted : sorted.slice(0, few)).map(({ app, account, word, reason, events, lastAt, claim }) => (
          <li key={`${app} ${account} ${reason}`}>
            <Clip class="strong" value={app} />
            <span class="account">
              {account === '' ? (
                <span class="faint">no account could be read</span>
              ) : (
                <Clip value={`${word} ${account}`} />
              )}
              {account !== '' && <CopyButton text={account} label="Copy the account" />}
            </span>
            <span class="soft number">
              {countText(events, 'event')}, last {agoText(lastAt, now)}
            </span>
            {claim === null ? (
              <Tag tone="warn">{reason.replaceAll('-', ' ')}</Tag>
            ) : (
              <ClaimLine app={app} account={account} tenants={tenants} command={claim} onDone={onDone} />
            )}
          </li>
        ))}
      </ul>
      <More count={parked.length - few} all={all} onAll={() => setAll(true)} />
    </section>
  )
}

function More({ count, all, onAll }: { count: number; all: boolean; onAll(): void }) {
  if (all || count <= 0) return null
  return (
    <button type="button" class="button quiet" onClick={onAll}>
      Show {count} more
    </button>
  )
}

/** Requests that did not verify, each kind with what mends it. */
export function RejectedSection({ rejected, now, go }: { rejected: RejectedView[]; now: number; go: Go }) {
  const [all, setAll] = useState(false)
  if (rejected.length === 0) return null
  const show = (app: string, id: string | null): void =>
    go({
      view: 'events',
      conditions: [
        { name: 'rejected', value: '' },
        { name: 'app', value: app },
      ],
      open: id,
    })
  return (
    <section class="left-over" aria-labelledby="rejected-title">
      <div class="section-line">
        <h2 id="rejected-title">Rejected</h2>
        <span class="soft">Requests that did not verify. None of them reached a handler.</span>
      </div>
      <ul class="rows boxed">
        {(all ? rejected : rejected.slice(0, few)).map(({ app, reason, detail, times, lastAt, lastId, next }) => (
          <li key={`${app} ${reason}`}>
            <Clip class="strong" value={app} />
            <span class="account">
              <Tag tone="bad">{reason.replaceAll('-', ' ')}</Tag>
              <Clip class="soft" value={detail} />
            </span>
            <span class="soft number">
              {numberText(times)} ×, last {agoText(lastAt, now)}
            </span>
            <span class="remedy">
              {next && <NextStep text={next} />}
              <button type="button" class="button" onClick={() => show(app, lastId)}>
                Show
              </button>
            </span>
          </li>
        ))}
      </ul>
      <More count={rejected.length - few} all={all} onAll={() => setAll(true)} />
    </section>
  )
}
