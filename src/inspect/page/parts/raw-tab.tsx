import { useMemo, useState } from 'preact/hooks'
import type { EventView } from '../../api.ts'
import { bytePlaces } from '../pure/byte-places.ts'
import { fromBase64 } from '../pure/hex.ts'
import { BodyLine, Exact, type ExactMark, Hex } from './body.tsx'
import { markOf } from './data-tab.tsx'

/** The body's exact bytes. */
export function RawTab({ view }: { view: EventView }) {
  const { body, request, item } = view
  const [asHex, setHex] = useState(false)
  const isBinary = body.kind === 'binary'
  const bytes = useMemo(
    () => (isBinary ? fromBase64(body.text) : asHex ? new TextEncoder().encode(body.text) : null),
    [body, asHex],
  )
  const places = useMemo(() => bytePlaces(body.text, body.from), [body])
  const named = markOf(view, places.toIndex)
  const marks: ExactMark[] = [
    ...(item ? [{ from: places.toIndex(item.from), to: places.toIndex(item.to), class: 'item' }] : []),
    ...(named ? [named] : []),
  ]
  // A value outside of the item is marked alone.
  const [outer, inner] = marks
  const shown = outer && inner && (inner.from < outer.from || inner.to > outer.to) ? [inner] : marks
  return (
    <>
      <BodyLine body={body} bytes={request.bytes}>
        {!isBinary && body.text !== '' && (
          <button type="button" class="button" aria-pressed={asHex} onClick={() => setHex(!asHex)}>
            Hex
          </button>
        )}
      </BodyLine>
      {bytes ? (
        <Hex bytes={bytes} base={body.from} />
      ) : body.text === '' ? (
        <p class="faint">No body.</p>
      ) : (
        <Exact text={body.text} marks={shown} />
      )}
    </>
  )
}
