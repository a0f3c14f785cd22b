import { request } from 'node:http'
import type { EventRow, StreamMessage } from '../../src/inspect/api.ts'

/** An answer of the inspector. */
export interface InspectorAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** Asks as any program may: with whatever headers it likes, `host` among them. */
export function ask(
  origin: string,
  path: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<InspectorAnswer> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers, agent: false }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** A browser that is signed in, as far as the page's own requests go. */
export interface InspectorClient {
  cookie: string
  /** The JSON of an answer. @throws where it is no success */
  get<T>(path: string): Promise<T>
  post(path: string, wish: object): Promise<InspectorAnswer & { json: never }>
  watch(path: string, lastEventId?: string): Promise<Watching>
}

/** A stream that is read. */
export interface Watching {
  messages: (StreamMessage & { id: string })[]
  /** Of the last message, or of a beat in between. */
  lastId(): string
  /** The first message that fits, past or to come. */
  until<T extends StreamMessage['event']>(
    event: T,
    fits?: (data: never) => boolean,
  ): Promise<StreamMessage & { event: T }>
  close(): void
}

/** Signs in with a link that whs gave. */
export async function signIn(link: string): Promise<InspectorClient> {
  const { origin, pathname, search } = new URL(link)
  const opened = await ask(origin, pathname + search)
  const cookie = String(opened.headers['set-cookie']).split(';')[0] as string
  if (opened.status !== 303) throw new Error(`the link was answered ${opened.status}: ${opened.text}`)
  return {
    cookie,
    async get<T>(path: string) {
      const answer = await ask(origin, path, { headers: { cookie, 'sec-fetch-site': 'same-origin' } })
      if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}: ${answer.text}`)
      return JSON.parse(answer.text) as T
    },
    async post(path, wish) {
      const headers = { cookie, origin, 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }
      const answer = await ask(origin, path, { method: 'POST', headers, body: JSON.stringify(wish) })
      return { ...answer, json: JSON.parse(answer.text) as never }
    },
    watch: (path, lastEventId) =>
      watch(origin + path, { cookie, ...(lastEventId ? { 'last-event-id': lastEventId } : {}) }),
  }
}

async function watch(url: string, headers: Record<string, string>): Promise<Watching> {
  const ended = new AbortController()
  const answer = await fetch(url, { headers, signal: ended.signal })
  if (answer.status !== 200) throw new Error(`the stream was answered ${answer.status}`)
  const messages: Watching['messages'] = []
  const watchers = new Set<() => void>()
  let id = ''
  let text = ''
  const take = (block: string): void => {
    const fields = Object.fromEntries(
      block.split('\n').map(line => [line.split(': ', 1)[0], line.replace(/^[a-z]+: ?/, '')]),
    )
    if (fields.id) id = fields.id
    if (!fields.event) return
    messages.push({ id, event: fields.event as 'row', data: JSON.parse(fields.data ?? 'null') as EventRow })
  }
  const read = async (): Promise<void> => {
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString()
      const blocks = text.split('\n\n')
      text = blocks.pop() as string
      for (const block of blocks) take(block)
      for (const look of watchers) look()
    }
  }
  void read().catch(() => undefined)
  return {
    messages,
    lastId: () => id,
    close: () => ended.abort(),
    until: (event, fits = () => true) =>
      new Promise(resolve => {
        const look = (): void => {
          const found = messages.find(one => one.event === event && fits(one.data as never))
          if (!found) return
          watchers.delete(look)
          resolve(found as never)
        }
        watchers.add(look)
        look()
      }),
  }
}
