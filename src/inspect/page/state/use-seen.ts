import type { RefObject } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'

/** Lines outside of what is seen, so that a quick scroll meets lines and not gaps. */
const beyond = 12

/** Which places are seen, kept up with scrolling once a frame. */
export function useSeen(grid: RefObject<HTMLDivElement | null>, lineHeight: number, count: number) {
  const [seen, setSeen] = useState({ first: 0, last: 40, isTop: true })
  useLayoutEffect(() => {
    const box = grid.current
    if (!box) return
    let frame = 0
    const look = (): void => {
      frame = 0
      const first = Math.max(0, Math.floor(box.scrollTop / lineHeight) - beyond)
      const last = Math.ceil((box.scrollTop + box.clientHeight) / lineHeight) + beyond
      const isTop = box.scrollTop < lineHeight / 2
      setSeen(old => (old.first === first && old.last === last && old.isTop === isTop ? old : { first, last, isTop }))
    }
    const soon = (): void => {
      frame ||= requestAnimationFrame(look)
    }
    look()
    box.addEventListener('scroll', soon, { passive: true })
    const watcher = new ResizeObserver(soon)
    watcher.observe(box)
    return () => {
      cancelAnimationFrame(frame)
      box.removeEventListener('scroll', soon)
      watcher.disconnect()
    }
  }, [lineHeight, count === 0])
  return seen
}
