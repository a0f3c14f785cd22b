import { useEffect, useState } from 'preact/hooks'
import type { Failure } from '../../api.ts'

/** A short message at the edge of the page. */
export interface Notice {
  id: number
  kind: 'good' | 'bad' | 'plain'
  text: string
  why?: string | undefined
  /** A command to copy. */
  next?: string | undefined
}

const shownMs = 6_000
let notices: Notice[] = []
let last = 0
const watchers = new Set<(notices: Notice[]) => void>()

function change(to: Notice[]): void {
  notices = to
  for (const watcher of watchers) watcher(notices)
}

/** Says something; what is bad stays until it is closed. */
export function notify(notice: Omit<Notice, 'id'>): void {
  const id = ++last
  change([...notices.slice(-2), { ...notice, id }])
  if (notice.kind !== 'bad') setTimeout(() => dismiss(id), shownMs)
}

/** Says what went wrong. */
export function notifyFailure({ what, why, next }: Failure): void {
  notify({ kind: 'bad', text: what, why, next })
}

export function dismiss(id: number): void {
  change(notices.filter(notice => notice.id !== id))
}

/** The messages of now. */
export function useNotices(): Notice[] {
  const [shown, show] = useState(notices)
  useEffect(() => {
    watchers.add(show)
    return () => void watchers.delete(show)
  }, [])
  return shown
}
