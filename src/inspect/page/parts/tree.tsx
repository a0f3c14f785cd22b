import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { type JsonNode, wayTo } from '../pure/json-tree.ts'
import { countText } from '../pure/words.ts'
import { CopyButton, copyText } from './copy.tsx'
import { Sign } from './icons.tsx'
import { Text } from './text.tsx'

/** Deeper values begin folded, and so do long lists. */
const openDepth = 3
const openChildren = 40
/** So many children are shown at once; a button shows as many more. */
const step = 100
/** Longer texts are cut until somebody asks for all. */
const longText = 400

export interface TreeMark {
  from: number
  to: number
  /** A class, and what a screen reader says. */
  class: string
  label: string
}

/** A JSON value as a tree that folds, with each value's pointer to copy. A mark is a place in the text. */
export function Tree({ root, mark, reveal }: { root: JsonNode; mark: TreeMark | null; reveal: number }) {
  const [folds, setFolds] = useState<Record<string, boolean>>({})
  const [shown, setShown] = useState<Record<string, number>>({})
  const box = useRef<HTMLDivElement>(null)
  const marked = useMemo(() => (mark ? wayTo(root, mark.from, mark.to) : []), [root, mark?.from, mark?.to])
  const target = marked.at(-1)
  const [here, setHere] = useState<string>('')
  const isOpen = (node: JsonNode, depth: number): boolean =>
    folds[node.pointer] ??
    (marked.includes(node) || (depth < openDepth && (depth === 0 || node.children.length <= openChildren)))

  const lines: { node: JsonNode; depth: number; open: boolean; more: number }[] = []
  const add = (node: JsonNode, depth: number): void => {
    const open = node.children.length > 0 && isOpen(node, depth)
    const wanted = Math.max(shown[node.pointer] ?? step, placeIn(node, marked[depth + 1]))
    lines.push({ node, depth, open, more: open ? Math.max(0, node.children.length - wanted) : 0 })
    if (open) for (const child of node.children.slice(0, wanted)) add(child, depth + 1)
  }
  add(root, 0)

  const focus = (pointer: string): void => {
    setHere(pointer)
    const line = box.current?.querySelector<HTMLElement>(`[data-pointer="${CSS.escape(pointer)}"]`)
    line?.focus({ preventScroll: true })
    line?.scrollIntoView({ block: 'nearest' })
  }
  useEffect(() => {
    if (reveal === 0 || !target) return
    setFolds(old => ({ ...old, ...Object.fromEntries(marked.map(node => [node.pointer, true])) }))
    const frame = requestAnimationFrame(() => focus(target.pointer))
    return () => cancelAnimationFrame(frame)
  }, [reveal, target])

  const press = (event: KeyboardEvent): void => {
    const at = lines.findIndex(line => line.node.pointer === here)
    const line = lines[Math.max(0, at)]
    if (!line || event.ctrlKey || event.metaKey || event.altKey) return
    const { node, open } = line
    const fold = (to: boolean): void => setFolds({ ...folds, [node.pointer]: to })
    const keys: Record<string, () => void> = {
      ArrowDown: () => focus(lines[at + 1]?.node.pointer ?? here),
      ArrowUp: () => focus(lines[at - 1]?.node.pointer ?? here),
      ArrowRight: () => (open ? focus(node.children[0]?.pointer ?? here) : fold(true)),
      ArrowLeft: () => (open ? fold(false) : focus(node.pointer.replace(/\/[^/]*$/, ''))),
      Home: () => focus(root.pointer),
      End: () => focus(lines.at(-1)?.node.pointer ?? here),
      Enter: () => fold(!open),
      ' ': () => fold(!open),
      c: () => void copyText(node.pointer),
    }
    const act = keys[event.key]
    if (!act) return
    event.preventDefault()
    event.stopPropagation()
    act()
  }

  return (
    <div ref={box} class="tree" role="tree" aria-label="The data" onKeyDown={press}>
      {lines.map(({ node, depth, open, more }) => (
        <>
          <div
            key={node.pointer}
            role="treeitem"
            data-pointer={node.pointer}
            aria-level={depth + 1}
            aria-expanded={node.children.length > 0 ? open : undefined}
            aria-selected={node.pointer === here}
            tabIndex={node.pointer === here ? 0 : -1}
            class={node.doubled ? `leaf depth-${Math.min(depth, 14)} doubled` : `leaf depth-${Math.min(depth, 14)}`}
            onFocus={() => setHere(node.pointer)}
            onClick={() => node.children.length > 0 && setFolds({ ...folds, [node.pointer]: !open })}
          >
            <span class={open ? 'fold open' : 'fold'}>
              {node.children.length > 0 && <Sign name="chevron" size={12} />}
            </span>
            <Name node={node} />
            <Value node={node} open={open} mark={node === target ? mark : null} />
            <span class="leaf-copy">
              <CopyButton text={node.pointer} label={`Copy the pointer ${node.pointer || '(the whole)'}`} />
            </span>
          </div>
          {more > 0 && (
            <button
              type="button"
              class={`button more depth-${Math.min(depth + 1, 14)}`}
              onClick={() => setShown({ ...shown, [node.pointer]: (shown[node.pointer] ?? step) + step })}
            >
              {countText(more, 'more value')}
            </button>
          )}
        </>
      ))}
    </div>
  )
}

function placeIn(node: JsonNode, child: JsonNode | undefined): number {
  return child ? node.children.indexOf(child) + 1 : 0
}

function Name({ node }: { node: JsonNode }) {
  if (node.key === null) return null
  if (typeof node.key === 'number') return <span class="index number">{node.key}</span>
  return (
    <span class="name">
      <Text value={node.key} />
      {node.doubled && (
        <span class="tag warn" title="a later value of the same name counts">
          doubled
        </span>
      )}
    </span>
  )
}

function Value({ node, open, mark }: { node: JsonNode; open: boolean; mark: TreeMark | null }) {
  const { kind, children } = node
  const [whole, setWhole] = useState(false)
  if (kind === 'object' || kind === 'array') {
    const [left, right] = kind === 'object' ? ['{', '}'] : ['[', ']']
    if (children.length === 0) return <span class="faint">{`${left}${right}`}</span>
    return open ? <span class="faint">{left}</span> : <span class="faint">{`${left} ${children.length} ${right}`}</span>
  }
  const isLong = node.text.length > longText && !whole
  const text = <Text value={isLong ? node.text.slice(0, longText) : node.text} />
  const value = <span class={`value ${kind}`}>{text}</span>
  return (
    <>
      {mark ? (
        <mark class={mark.class} aria-label={`${node.text}, ${mark.label}`}>
          {value}
        </mark>
      ) : (
        value
      )}
      {isLong && (
        <button
          type="button"
          class="button more"
          onClick={event => {
            event.stopPropagation()
            setWhole(true)
          }}
        >
          {countText(node.text.length - longText, 'more character')}
        </button>
      )}
    </>
  )
}
