import { visiblePieces, visibleText } from '../pure/visible-text.ts'

/** A text from outside: only ever text, apart from its neighbours' reading order, hidden characters as escapes. */
export function Text({ value, lines = false }: { value: string; lines?: boolean }) {
  const pieces = visiblePieces(value, { lines })
  if (pieces.length === 0) return null
  return <bdi>{pieces.map(({ text, escaped }) => (escaped ? <span class="escape">{text}</span> : text))}</bdi>
}

/** A text from outside on one line, cut with an ellipsis where it is too long; the whole of it as its title. */
export function Clip({ value, class: name = '' }: { value: string; class?: string }) {
  return (
    <span class={`clip ${name}`} title={visibleText(value)}>
      <Text value={value} />
    </span>
  )
}
