import type { EventRow, ForwardView } from '../../api.ts'
import { visibleText } from '../pure/visible-text.ts'
import { clockText, durationText } from '../pure/words.ts'
import { Tag, type Tone } from './chips.tsx'
import { Clip } from './text.tsx'

const rank: Record<ForwardView['state'], number> = { failed: 0, final: 0, open: 1, done: 2 }

/** The forward that most wants to be looked at. */
function worstOf(forwards: ForwardView[]): ForwardView | undefined {
  return forwards.toSorted((left, right) => rank[left.state] - rank[right.state])[0]
}

/** What the handler said to an event, or why nobody asked it. */
export function Answer({ row, now }: { row: EventRow; now: number }) {
  const { forwards, scope, reason, repeatOf } = row
  const worst = worstOf(forwards)
  if (scope === 'rejected') return <Why tone="bad" word="rejected" reason={reason} />
  if (scope === 'parked') return <Why tone="warn" word="parked" reason={reason} />
  if (!worst) return <span class="answer faint">{repeatOf ? 'repeat, not sent again' : 'not sent'}</span>
  return (
    <span class="answer">
      <State forward={worst} />
      <Times forward={worst} now={now} />
      {forwards.length > 1 && <span class="faint">+{forwards.length - 1}</span>}
    </span>
  )
}

function Why({ tone, word, reason }: { tone: Tone; word: string; reason: string | null }) {
  return (
    <span class="answer">
      <Tag tone={tone}>{word}</Tag>
      {reason && <Clip class="soft" value={reason.replaceAll('-', ' ')} />}
    </span>
  )
}

/** The status of a forward, in the colour of its state. */
function State({ forward }: { forward: ForwardView }) {
  const { state, status, error, tries } = forward
  if (tries === 0) return <Tag>waiting</Tag>
  const tone: Tone = state === 'done' ? 'good' : state === 'open' ? 'warn' : 'bad'
  return (
    <Tag tone={tone} {...(error ? { title: visibleText(error) } : {})}>
      {status === null ? 'no answer' : String(status)}
    </Tag>
  )
}

function Times({ forward, now }: { forward: ForwardView; now: number }) {
  const { ms, tries, nextAt, state } = forward
  return (
    <>
      {ms !== null && <span class="soft number">{durationText(ms)}</span>}
      {tries > 1 && (
        <span class="faint number" title={`${tries} attempts`}>
          ×{tries}
        </span>
      )}
      {state === 'open' && nextAt !== null && nextAt > now && (
        <span class="faint number clip more">again {clockText(nextAt, now).clock}</span>
      )}
      {(state === 'failed' || state === 'final') && tries > 0 && (
        <span class="faint clip more">{state === 'failed' ? 'given up' : 'final'}</span>
      )}
    </>
  )
}
