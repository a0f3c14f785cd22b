import { useEffect, useState } from 'preact/hooks'
import { notify } from '../state/notices.ts'
import { Sign } from './icons.tsx'
import { Text } from './text.tsx'

const shownMs = 1_500

/** Puts a text on the clipboard; says so where it fails. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    notify({ kind: 'bad', text: 'The browser does not let this page copy', why: 'select the text and copy it by hand' })
    return false
  }
}

/** A button that copies a text and says that it did. `label` says what is copied. */
export function CopyButton({ text, label, children }: { text: string; label: string; children?: string }) {
  const [done, setDone] = useState(false)
  useEffect(() => {
    if (!done) return
    const timer = setTimeout(() => setDone(false), shownMs)
    return () => clearTimeout(timer)
  }, [done])
  const copy = async (event: Event): Promise<void> => {
    event.stopPropagation()
    setDone(await copyText(text))
  }
  return (
    <button
      type="button"
      class={children ? 'button' : 'button bare'}
      aria-label={done ? 'Copied' : label}
      title={label}
      onClick={event => void copy(event)}
    >
      <Sign name={done ? 'check' : 'copy'} />
      {children && <span>{done ? 'Copied' : children}</span>}
    </button>
  )
}

/** What to do next: words, and the command at their end where there is one. */
export function NextStep({ text }: { text: string }) {
  const [, words = '', command] = /^(.*?)((?:npx )?whs(?:-cli)? .*)$/s.exec(text) ?? [null, text]
  const said = words.trim().replace(/:$/, '')
  return (
    <>
      {said !== '' && (
        <span class="soft">
          <Text value={said} />
        </span>
      )}
      {command && <Command text={command} />}
    </>
  )
}

/** A command to type, with its copy button. */
export function Command({ text, label = 'Copy the command' }: { text: string; label?: string }) {
  return (
    <span class="command">
      <code>
        <Text value={text} />
      </code>
      <CopyButton text={text} label={label} />
    </span>
  )
}
