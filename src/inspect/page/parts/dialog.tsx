import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Sign } from './icons.tsx'

/** A window over the page; Escape and its cross close it, and the focus goes back to where it was. */
export function Dialog({
  title,
  wide = false,
  first = true,
  onClose,
  children,
}: {
  title: string
  wide?: boolean
  /** Whether the window itself has the focus first; else what has `data-first` in it. */
  first?: boolean
  onClose(): void
  children: ComponentChildren
}) {
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement
    box.current?.showModal()
    box.current?.querySelector<HTMLElement>('[data-first]')?.focus()
    return () => (before as HTMLElement | null)?.focus?.()
  }, [])
  return (
    <dialog
      ref={box}
      class={wide ? 'dialog wide' : 'dialog'}
      aria-label={title}
      onClose={onClose}
      onClick={event => event.target === box.current && onClose()}
    >
      <div class="dialog-inside" tabIndex={-1} data-first={first || undefined}>
        <header>
          <h2>{title}</h2>
          <button type="button" class="button bare" aria-label="Close" onClick={onClose}>
            <Sign name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  )
}
