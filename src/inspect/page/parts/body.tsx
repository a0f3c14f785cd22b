import { useMemo, useState } from 'preact/hooks'
import type { BodyView } from '../../api.ts'
import { fromBase64, hexLines } from '../pure/hex.ts'
import { type JsonNode, readJson } from '../pure/json-tree.ts'
import { bytesText, countText } from '../pure/words.ts'
import { CopyButton } from './copy.tsx'
import { Text } from './text.tsx'
import { Tree } from './tree.tsx'

/** So much of a text, and so many lines of a hex dump, are shown before somebody asks for all. */
const mostText = 65_536
const mostHex = 512

/** A body's JSON, or null where it is none. */
export function useJson(text: string | null): JsonNode | null {
  return useMemo(() => {
    const root = text === null ? null : readJson(text)
    return root && 'kind' in root ? root : null
  }, [text])
}

/** A body as it reads best: a tree, a text, or bytes. */
export function BodyOf({ body }: { body: BodyView }) {
  const root = useJson(body.kind === 'json' ? body.text : null)
  if (body.kind === 'none' || body.text === '') return <p class="faint">No body.</p>
  if (root) return <Tree root={root} mark={null} reveal={0} />
  return body.kind === 'binary' ? <Hex bytes={fromBase64(body.text)} /> : <Exact text={body.text} marks={[]} />
}

/** A place in a text that is marked. Marks come in order; one may hold the next. */
export interface ExactMark {
  from: number
  to: number
  class: string
}

/** A text exactly as it is: of a long one first what is around the first mark. */
export function Exact({ text, marks }: { text: string; marks: ExactMark[] }) {
  const [whole, setWhole] = useState(false)
  const [mark] = marks
  const begin = whole || !mark || mark.from < mostText / 2 ? 0 : mark.from - mostText / 4
  const end = whole ? text.length : Math.min(text.length, begin + mostText)
  const left = text.length - (end - begin)
  return (
    <>
      <pre class="exact">
        {begin > 0 && <span class="faint">…</span>}
        <Marked text={text} from={begin} to={end} marks={marks} />
        {end < text.length && <span class="faint">…</span>}
      </pre>
      {left > 0 && (
        <button type="button" class="button" onClick={() => setWhole(true)}>
          {countText(left, 'more character')}
        </button>
      )}
    </>
  )
}

function Marked({ text, from, to, marks }: { text: string; from: number; to: number; marks: ExactMark[] }) {
  const [mark, ...inner] = marks
  if (!mark || mark.from >= to) return <Text value={text.slice(from, to)} lines />
  const end = Math.min(mark.to, to)
  return (
    <>
      <Text value={text.slice(from, mark.from)} lines />
      <mark class={mark.class}>
        <Marked text={text} from={mark.from} to={end} marks={inner} />
      </mark>
      <Text value={text.slice(end, to)} lines />
    </>
  )
}

/** Bytes as a hex dump; `base`: the place of the first one. */
export function Hex({ bytes, base = 0 }: { bytes: Uint8Array; base?: number }) {
  const [most, setMost] = useState(mostHex)
  const lines = useMemo(() => hexLines(bytes, most, base), [bytes, most, base])
  const left = Math.ceil(bytes.length / 16) - lines.length
  return (
    <>
      <table class="hex" aria-label={`Hex dump of ${bytesText(bytes.length)}`}>
        <tbody>
          {lines.map(({ offset, bytes: pairs, text }) => (
            <tr key={offset}>
              <td class="faint">{offset}</td>
              <td>{pairs}</td>
              <td class="soft">{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 && (
        <button type="button" class="button" onClick={() => setMost(most * 8)}>
          {bytesText(left * 16)} more
        </button>
      )}
    </>
  )
}

/** What a body is, in a line above it. */
export function BodyLine({
  body,
  bytes,
  children,
}: {
  body: BodyView
  bytes: number
  children?: preact.ComponentChildren
}) {
  const words = { json: 'JSON', text: 'Text', binary: 'Binary', none: 'No body' }
  return (
    <div class="body-line">
      <span class="soft">
        {words[body.kind]}
        {body.kind !== 'none' && `, ${bytesText(bytes)}`}
        {body.cut && (body.from > 0 ? ', a part around the event' : ', the first MiB')}
      </span>
      {children}
      {body.text !== '' && (
        <CopyButton text={body.text} label={body.kind === 'binary' ? 'Copy as base64' : 'Copy the body'} />
      )}
    </div>
  )
}
