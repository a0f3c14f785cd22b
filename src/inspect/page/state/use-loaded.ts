import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Failure } from '../../api.ts'
import { call, failureFrom } from './call.ts'

export interface Loaded<T> {
  value: T | null
  failure: Failure | null
  reload(): void
}

/** What a path answers; asked again by `reload`. While it is asked again the old answer of the same path stays. */
export function useLoaded<T>(path: string | null): Loaded<T> {
  const [answer, setAnswer] = useState<{ path: string; value: T | null; failure: Failure | null } | null>(null)
  const [round, setRound] = useState(0)
  const running = useRef<AbortController | null>(null)
  useEffect(() => {
    if (path === null) return
    const controller = new AbortController()
    running.current = controller
    call<T>(path, undefined, controller.signal).then(
      value => setAnswer({ path, value, failure: null }),
      (error: unknown) => {
        if (!controller.signal.aborted) setAnswer({ path, value: null, failure: failureFrom(error) })
      },
    )
    return () => controller.abort()
  }, [path, round])
  const reload = useCallback(() => setRound(one => one + 1), [])
  const isOf = answer?.path === path
  return { value: isOf ? answer.value : null, failure: isOf ? answer.failure : null, reload }
}
