import { useCallback, useEffect, useState } from 'preact/hooks'
import { type Place, readPlace, writePlace } from '../pure/place.ts'

export type Go = (change: Partial<Place>, how?: 'replace') => void

/** Where the page stands, kept in its URL: a step is one in the browser's history, unless it only replaces the last. */
export function usePlace(): [Place, Go] {
  const [place, setPlace] = useState(() => readPlace(location.search))
  useEffect(() => {
    const back = (): void => setPlace(readPlace(location.search))
    addEventListener('popstate', back)
    return () => removeEventListener('popstate', back)
  }, [])
  const go = useCallback<Go>((change, how) => {
    const next = { ...readPlace(location.search), ...change }
    const url = `${location.pathname}${writePlace(next)}`
    if (how === 'replace') history.replaceState(null, '', url)
    else history.pushState(null, '', url)
    setPlace(next)
  }, [])
  return [place, go]
}
