import { type Html, html } from '../../core/html.ts'
import { bytesText, durationText } from '../../core/text.ts'
import type { SentDelivery, Try } from '../deliveries.ts'
import type { World } from '../world.ts'

const shown = 50

/** The newest deliveries with what was answered. */
export function logTable({ deliveries, definition }: World): Html {
  const log = deliveries.log()
  if (log.length === 0) return html`<div class="card log"><p class="empty">Nothing yet. Press a button above.</p></div>`
  const more = log.length > shown ? html`<p class="soft small">${log.length - shown} older ones are not shown.</p>` : ''
  return html`<div class="card log"><table><thead><tr><th scope="col">Time</th><th scope="col">Event</th><th scope="col">Delivery</th><th scope="col">Answer</th></tr></thead>
<tbody>${log.slice(0, shown).map(row)}</tbody></table></div>
<p class="soft small"><a href="/${definition.id}#log">Look again</a> for later tries.</p>${more}`
}

function row(sent: SentDelivery): Html {
  const last = sent.tries.at(-1)
  const events = sent.events.map(
    ({ event, company, resource }) =>
      html`<div>${event} <span class="soft">${resource ? `${resource.type} ${resource.id}` : ''} · ${company}</span></div>`,
  )
  return html`<tr><td class="time">${clock(sent.at)}</td><td>${events}</td>
<td class="facts soft small">${sent.forged ? html`<span class="chip bad">forged</span> ` : ''}${sent.shape}, ${bytesText(sent.bytes)}</td>
<td class="answer">${last ? answerOf(sent, last) : html`<span class="chip wait">on its way</span>`}</td></tr>`
}

function answerOf(sent: SentDelivery, last: Try): Html {
  const taken = last.status !== undefined && last.status < 300
  const text = last.status === undefined ? 'no answer' : String(last.status)
  const tries = sent.tried > 1 ? `try ${sent.tried}` : ''
  const again = sent.nextAt ? `again at ${clock(sent.nextAt)}` : ''
  const facts = [durationText(last.ms), tries, again].filter(fact => fact !== '').join(' · ')
  const body = taken ? '' : (last.error ?? last.body ?? '')
  return html`<span class="chip ${taken ? 'good' : 'bad'}">${text}</span> <span class="soft small">${facts}</span>${body ? html`<span class="body">${body}</span>` : ''}`
}

/** The time of day here. */
function clock(iso: string): string {
  return new Date(iso).toTimeString().slice(0, 8)
}
