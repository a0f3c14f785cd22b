import { useEffect, useRef } from 'preact/hooks'

/** What keys do, by their name. What gives false leaves the key to the browser. */
export type Keys = Record<string, () => boolean | void>

/** Whether somebody types, or a window stands over the page: then keys are letters. */
function isTaken(event: KeyboardEvent): boolean {
  const { target } = event
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true
  if (document.querySelector('dialog[open]')) return true
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}

/** Keys for all of the page, while nobody types. Enter and Space stay those of a focused button or link. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys)
  latest.current = keys
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isTaken(event)) return
      const isButton = event.target instanceof HTMLElement && event.target.closest('button, a, [role=tree]') !== null
      if (isButton && (event.key === 'Enter' || event.key === ' ')) return
      const act = latest.current[event.key]
      if (act && act() !== false) event.preventDefault()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
}
