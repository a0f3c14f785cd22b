import type { Delivery } from './deliveries.ts'
import { textFrame } from './websocket.ts'

export type PeerName = 'hookdeck' | 'stripe' | 'smee'

/** How a peer's own cloud speaks to it, as seen from outside: what it asks over HTTP, and how it is given a delivery. */
export interface Protocol {
  /** The JSON for a path, or nothing: an event stream. */
  answer(path: string, port: number): object | undefined
  frame(delivery: Delivery, index: number): Buffer
}

const source = { id: 'src_1', name: 'quickbooks', url: 'https://events.example.com/src_1' }
const destination = { id: 'des_1', name: 'cli-quickbooks', type: 'CLI', cli_path: '/', config: { path: '/' } }
const connection = {
  id: 'web_1',
  name: 'cli-quickbooks',
  full_name: 'quickbooks -> cli-quickbooks',
  source,
  destination,
}

export const protocols: Record<PeerName, Protocol> = {
  hookdeck: {
    answer(path) {
      if (path.includes('/sources')) return { models: [source], count: 1 }
      if (path.includes('/connections')) return { models: [connection], count: 1 }
      return { id: 'clis_1' }
    },
    frame({ headers, body }, index) {
      const ids = { event_id: `evt_${index}`, attempt_id: `atm_${index}`, webhook_id: connection.id }
      const request = { method: 'POST', timeout: 0, data_string: body, headers: Object.fromEntries(headers) }
      return textFrame(JSON.stringify({ event: 'attempt', body: { cli_path: '/', ...ids, request } }))
    },
  },
  stripe: {
    answer: (_path, port) => ({
      websocket_url: `ws://127.0.0.1:${port}/subscribe`,
      websocket_id: 'ws_1',
      websocket_authorized_feature: 'webhook-payloads',
      reconnect_delay: 3_600,
      secret: 'whsec_bench',
      default_version: '2026-01-01',
      latest_version: '2026-01-01',
    }),
    frame({ headers, body }, index) {
      const ids = { webhook_id: `wh_${index}`, webhook_conversation_id: `wc_${index}` }
      const rest = { http_headers: Object.fromEntries(headers), endpoint: { api_version: null } }
      const event_payload = stripeEvent(body, index)
      return textFrame(JSON.stringify({ type: 'webhook_event', ...ids, event_payload, ...rest }))
    },
  },
  smee: {
    answer: () => undefined,
    frame({ headers, body }, index) {
      const lower = headers.map(([name, value]) => [name.toLowerCase(), value])
      const data = { ...Object.fromEntries(lower), body: JSON.parse(body) as unknown, query: {}, timestamp: Date.now() }
      return Buffer.from(`id: ${index}\ndata: ${JSON.stringify(data)}\n\n`)
    },
  },
}

/** It reads what it passes on, and wants an event object with a type. */
function stripeEvent(body: string, index: number): string {
  const [event] = JSON.parse(body) as [object]
  return JSON.stringify({ ...event, id: `evt_${index}`, object: 'event', type: 'invoice.created' })
}
