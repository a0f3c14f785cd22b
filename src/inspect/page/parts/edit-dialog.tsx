import { useMemo, useRef, useState } from 'preact/hooks'
import type { EventView } from '../../api.ts'
import { toBase64 } from '../pure/hex.ts'
import { indented, readJson } from '../pure/json-tree.ts'
import { escapedJson } from '../pure/visible-text.ts'
import { replay } from '../state/act.ts'
import { Dialog } from './dialog.tsx'
import { Sign } from './icons.tsx'

/** Changes what is sent again: the event's own part of the delivery, signed anew. */
export function EditDialog({ view, onClose }: { view: EventView; onClose(): void }) {
  const original = 'text' in view.edit ? view.edit.text : ''
  const isJson = useMemo(() => 'kind' in readJson(original), [original])
  const begin = useMemo(() => indentOne(original), [original])
  const [text, setText] = useState(begin)
  const [busy, setBusy] = useState(false)
  const area = useRef<HTMLTextAreaElement>(null)
  const read = useMemo(() => (isJson ? readJson(text) : null), [text, isJson])
  const fault = read && 'fault' in read ? read : null

  const send = async (): Promise<void> => {
    if (fault || busy) return
    setBusy(true)
    const isSame = text === begin
    const answer = await replay({ id: view.row.id, body: toBase64(isSame ? original : text) })
    setBusy(false)
    if (answer) onClose()
  }
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send()
  }
  const toFault = (): void => {
    if (!fault) return
    area.current?.focus()
    area.current?.setSelectionRange(fault.at, Math.min(text.length, fault.at + 1))
  }
  return (
    <Dialog title="Edit and replay" wide first={false} onClose={onClose}>
      <p class="soft">
        This event’s part of the delivery, as it goes to the handler: signed anew, and marked <code>Whs-Replay</code>.
        What is stored stays as it came.
      </p>
      <textarea
        ref={area}
        data-first
        class={fault ? 'editor bad' : 'editor'}
        aria-label="The event’s data"
        aria-invalid={fault !== null}
        aria-describedby="edit-check"
        spellcheck={false}
        autocomplete="off"
        rows={18}
        value={text}
        onInput={event => setText(event.currentTarget.value)}
        onKeyDown={press}
      />
      <footer class="dialog-end">
        <output id="edit-check" class={fault ? 'check bad' : 'check good'}>
          {fault ? (
            <button type="button" class="button link" onClick={toFault}>
              Line {fault.line}, column {fault.column}: {fault.fault}
            </button>
          ) : (
            <span class="soft">{isJson ? 'Valid JSON' : 'Text'}</span>
          )}
        </output>
        <button type="button" class="button" disabled={text === begin} onClick={() => setText(begin)}>
          Reset
        </button>
        <button
          type="button"
          class="button primary"
          disabled={fault !== null || busy}
          title="Ctrl+Enter"
          onClick={() => void send()}
        >
          <Sign name="replay" />
          {busy ? 'Sending…' : 'Send'}
        </button>
      </footer>
    </Dialog>
  )
}

/** JSON of one line is indented for editing, and what could not be seen in it stands as escapes; other texts stay as they are. */
function indentOne(text: string): string {
  const root = readJson(text)
  if (!('kind' in root)) return text
  return escapedJson(text.includes('\n') ? text : indented(text, root))
}
