import type { EventRow } from '../../api.ts'

export interface StreamWatcher {
  row(row: EventRow): void
  /** What `/api/now` says has changed. */
  now(): void
  /** More has changed than was told: the list is to be read again. */
  again(): void
  state(state: 'live' | 'lost'): void
}

const slowest = 10_000

/**
 * Watches what is new since a cursor until it is ended. A lost connection is made again; that of a page which nobody sees is
 * given back, since a browser keeps few of them for all its tabs. Nothing is missed either way.
 */
export function watchStream(query: string, from: string, watcher: StreamWatcher): () => void {
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let wait = 500
  let cursor = from

  function open(): void {
    clearTimeout(timer)
    if (source || document.hidden) return
    const place = new URLSearchParams(query)
    place.set('from', cursor)
    const here = new EventSource(`/api/stream?${place}`)
    source = here
    const on = (name: string, act: (data: string) => void): void =>
      here.addEventListener(name, (message: MessageEvent<string>) => {
        if (message.lastEventId !== '') cursor = message.lastEventId
        act(message.data)
      })
    on('row', data => watcher.row(JSON.parse(data) as EventRow))
    on('now', () => watcher.now())
    on('again', () => watcher.again())
    here.addEventListener('open', () => {
      wait = 500
      watcher.state('live')
    })
    here.addEventListener('error', () => {
      watcher.state('lost')
      if (here.readyState !== EventSource.CLOSED) return
      close()
      timer = setTimeout(open, wait)
      wait = Math.min(slowest, wait * 2)
    })
  }

  function close(): void {
    clearTimeout(timer)
    source?.close()
    source = null
  }

  function turn(): void {
    if (document.hidden) close()
    else open()
  }

  open()
  document.addEventListener('visibilitychange', turn)
  return () => {
    document.removeEventListener('visibilitychange', turn)
    close()
  }
}
