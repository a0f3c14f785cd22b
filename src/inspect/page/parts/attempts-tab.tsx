import { useState } from 'preact/hooks'
import type { AttemptView, EventView } from '../../api.ts'
import { headerSides, sideBySide } from '../pure/differences.ts'
import { agoText, durationText, momentText } from '../pure/words.ts'
import { BodyOf } from './body.tsx'
import { Tag, type Tone } from './chips.tsx'
import { Command } from './copy.tsx'
import { Clip, Text } from './text.tsx'

/** Every try to hand the event over, and two of them side by side. */
export function AttemptsTab({ view, now, whs }: { view: EventView; now: number; whs: string }) {
  const { attempts } = view
  const [chosen, choose] = useState<[number, number] | null>(null)
  if (attempts.length === 0) return <NoAttempts view={view} whs={whs} />
  const last = attempts.length - 1
  const [left, right] = (chosen ?? pairOf(attempts)).map(one => Math.min(one, last)) as [number, number]
  const pick = (index: number): void => choose(index < right ? [index, right] : [Math.min(left, right), index])
  const [one, other] = [attempts[left] as AttemptView, attempts[right] as AttemptView]
  return (
    <>
      <ol class="tries" aria-label="Attempts, the latest last">
        {attempts.map((attempt, index) => (
          <li>
            <button
              type="button"
              class="button row-link"
              aria-pressed={index === left || index === right}
              onClick={() => pick(index)}
            >
              <span class="number faint">{index + 1}</span>
              <Status attempt={attempt} />
              <span class="number soft">{durationText(attempt.ms)}</span>
              <time class="soft" dateTime={new Date(attempt.at).toISOString()} title={momentText(attempt.at)}>
                {agoText(attempt.at, now)}
              </time>
              {attempt.replay && <Tag>replay</Tag>}
              {attempt.changed !== null && <Clip class="faint" value={attempt.changed} />}
            </button>
          </li>
        ))}
      </ol>
      {left === right ? <Single attempt={other} /> : <Sides left={one} right={other} places={[left + 1, right + 1]} />}
    </>
  )
}

function NoAttempts({ view, whs }: { view: EventView; whs: string }) {
  return (
    <div class="empty small">
      <p>Nothing of it was sent yet.</p>
      <p class="soft">A forward rule sends it, or replay does:</p>
      <Command text={`${whs} listen --forward 3000`} />
      {view.row.scope === 'tenant' && <Command text={view.commands.replay} />}
    </div>
  )
}

/** The last attempt beside the last one that went differently; beside itself where there is none. */
function pairOf(attempts: AttemptView[]): [number, number] {
  const last = attempts.length - 1
  const other = attempts.findLastIndex((one, index) => index < last && one.status !== attempts[last]?.status)
  return [other >= 0 ? other : Math.max(0, last - 1), last]
}

function Status({ attempt }: { attempt: AttemptView }) {
  const { status } = attempt
  const tone: Tone = status !== null && status >= 200 && status < 300 ? 'good' : 'bad'
  return <Tag tone={tone}>{status === null ? 'no answer' : String(status)}</Tag>
}

function Single({ attempt }: { attempt: AttemptView }) {
  return (
    <>
      <table class="pairs">
        <tbody>
          {factsOf(attempt).map(([name, value]) => (
            <tr>
              <th scope="row">{name}</th>
              <td>
                <Text value={value ?? '–'} />
              </td>
            </tr>
          ))}
          {attempt.headers.map(([name, value]) => (
            <tr>
              <th scope="row">
                <Text value={name} />
              </th>
              <td>
                <Text value={value} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>What the handler said</h3>
      <BodyOf body={attempt.body} />
    </>
  )
}

function factsOf({
  target,
  at,
  ms,
  error,
  hint,
  changed,
  nextAt,
}: AttemptView): [name: string, value: string | null][] {
  const facts: [string, string | null][] = [
    ['to', target],
    ['at', momentText(at)],
    ['took', durationText(ms)],
    ['error', error],
    ['hint', hint],
    ['changed', changed],
    ['again', nextAt === null ? null : momentText(nextAt)],
  ]
  return facts.filter(([, value]) => value !== null)
}

function Sides({ left, right, places }: { left: AttemptView; right: AttemptView; places: [number, number] }) {
  const facts = headerSides(factsOf(left) as [string, string][], factsOf(right) as [string, string][])
  const headers = headerSides(left.headers, right.headers)
  const lines = sideBySide(textOf(left), textOf(right))
  return (
    <div class="sides-frame">
      <table class="sides">
        <thead>
          <tr>
            <td />
            {[left, right].map((attempt, index) => (
              <th scope="col">
                Attempt {places[index]} <Status attempt={attempt} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...facts, ...headers].map(({ name, left: one, right: other }) => (
            <tr class={one === other || name === 'at' ? '' : 'differs'}>
              <th scope="row">
                <Text value={name} />
              </th>
              <td>{one === null ? <span class="faint">–</span> : <Text value={one} />}</td>
              <td>{other === null ? <span class="faint">–</span> : <Text value={other} />}</td>
            </tr>
          ))}
          {lines.map(({ left: one, right: other, differs }, index) => (
            <tr class={differs ? 'body differs' : 'body'}>
              <th scope="row">{index === 0 && 'body'}</th>
              <td>
                <code>{one !== null && <Text value={one} lines />}</code>
              </td>
              <td>
                <code>{other !== null && <Text value={other} lines />}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function textOf({ body }: AttemptView): string {
  return body.kind === 'binary' ? 'binary' : body.text
}
