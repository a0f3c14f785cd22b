import { useMemo, useState } from 'preact/hooks'
import type { EventView } from '../../api.ts'
import { bytePlaces } from '../pure/byte-places.ts'
import { type JsonNode, wayTo } from '../pure/json-tree.ts'
import { hueOf } from '../pure/words.ts'
import type { Go } from '../state/use-place.ts'
import { BodyOf, useJson } from './body.tsx'
import { TenantChip } from './chips.tsx'
import { Clip } from './text.tsx'
import { Tree, type TreeMark } from './tree.tsx'

/** The event's data as a tree; the value that named the tenant stands out in the tenant's colour. */
export function DataTab({ view, reveal, go }: { view: EventView; reveal: number; go: Go }) {
  const { body, item, explanation, siblings } = view
  const places = useMemo(() => bytePlaces(body.text, body.from), [body])
  const [start, end] = item ? [places.toIndex(item.from), places.toIndex(item.to)] : [0, body.text.length]
  // Of a body that is here in part only the item can be read.
  const read = body.kind === 'json' ? (body.cut && item ? body.text.slice(start, end) : body.text) : null
  const shift = read !== null && read !== body.text ? start : 0
  const root = useJson(read)
  const [wantsAll, setAll] = useState(false)
  const mark = markOf(view, byte => places.toIndex(byte) - shift)
  const own = root && item && !body.cut ? itemNode(root, start, end) : null
  // Where the value that named the tenant stands around the item, all of the body is shown when it is asked for.
  const isOutside = own !== null && mark !== null && (mark.from < own.start || mark.to > own.end)
  const all = wantsAll || (reveal > 0 && isOutside)

  return (
    <>
      {own && (
        <div class="body-line">
          <span class="soft">{all ? 'The whole delivery' : 'This event’s part of the delivery'}</span>
          <button type="button" class="button" aria-pressed={all} onClick={() => setAll(!all)}>
            {all ? 'Only this event' : 'Whole delivery'}
          </button>
        </div>
      )}
      {root ? (
        <Tree key={view.row.id + String(all)} root={own && !all ? own : root} mark={mark} reveal={reveal} />
      ) : (
        <BodyOf body={body} />
      )}
      {explanation.value && root && (
        <p class="note soft">
          The marked value decided whose this is. <kbd>c</kbd> copies the pointer of the value that has the focus.
        </p>
      )}
      {siblings.length > 0 && (
        <section class="siblings">
          <h3>In the same delivery</h3>
          <ul>
            {siblings.map(({ id, tenant, event, resource }) => (
              <li key={id}>
                <button type="button" class="button row-link" onClick={() => go({ open: id })}>
                  {tenant === null ? <span class="faint">nobody’s</span> : <TenantChip name={tenant} />}
                  <Clip value={event ?? 'unreadable'} />
                  {resource && <Clip class="soft" value={`${resource.type} ${resource.id}`} />}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

function itemNode(root: JsonNode, from: number, to: number): JsonNode | null {
  const node = wayTo(root, from, to).at(-1)
  return node && node !== root ? node : null
}

/** Where the value that named the tenant stands, in the tenant's colour. */
export function markOf({ row, explanation }: EventView, toIndex: (byte: number) => number): TreeMark | null {
  const { value } = explanation
  if (!value) return null
  const hue = row.tenant === null ? 'named nobody' : `named hue-${hueOf(row.tenant)}`
  const label = row.tenant === null ? 'names an account that is nobody’s here' : `names the tenant ${row.tenant}`
  return { from: toIndex(value.from), to: toIndex(value.to), class: hue, label }
}
