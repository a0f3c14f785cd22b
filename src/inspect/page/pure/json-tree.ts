/** A value of a JSON text with its place. Numbers are never read, so that big ones stay as they came. */
export interface JsonNode {
  kind: 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null'
  /** The name in its object, or the index in its array. */
  key: string | number | null
  /** RFC 6901. */
  pointer: string
  /** Of a string what it says, of other plain values what stands there. */
  text: string
  /** Place in the text; `end` is behind the last character. */
  start: number
  end: number
  children: JsonNode[]
  /** A later one of the same name in its object counts, not this one. */
  doubled: boolean
}

/** Where a text is no JSON, and why. Line and column begin at 1. */
export interface JsonFault {
  fault: string
  at: number
  line: number
  column: number
}

const mostDepth = 1000
const plainEnd = /[\s,\]}:]/
const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

/** Reads a whole JSON text (RFC 8259; a leading byte order mark is let through). */
export function readJson(text: string): JsonNode | JsonFault {
  let at = text.startsWith('\ufeff') ? 1 : 0
  let fault: string | null = null

  function blanks(): void {
    while (at < text.length && ' \n\r\t'.includes(text[at] as string)) at++
  }

  function fail(why: string): null {
    fault ??= why
    return null
  }

  /** Past a string; what it says. */
  function string(): string | null {
    const start = at
    at++
    for (; at < text.length; at++) {
      const character = text[at] as string
      if (character === '"') {
        at++
        return unescaped(text.slice(start, at))
      }
      if (character < ' ') return fail('a line feed or control character inside a string')
      if (character === '\\') {
        at++
        if (!/^(["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(text.slice(at, at + 5)))
          return fail('an escape that JSON does not know')
      }
    }
    at = start
    return fail('a string that does not end')
  }

  function value(key: JsonNode['key'], pointer: string, depth: number): JsonNode | null {
    blanks()
    const node: JsonNode = { kind: 'null', key, pointer, text: '', start: at, end: at, children: [], doubled: false }
    const character = text[at]
    if (character === undefined) return fail('it ends too early')
    if (depth > mostDepth) return fail('it is nested too deeply')
    if (character === '{' || character === '[') {
      node.kind = character === '{' ? 'object' : 'array'
      if (!inside(node, depth)) return null
    } else if (character === '"') {
      node.kind = 'string'
      const said = string()
      if (said === null) return null
      node.text = said
    } else if (!plain(node)) return null
    node.end = at
    return node
  }

  function plain(node: JsonNode): boolean {
    let end = at
    while (end < text.length && !plainEnd.test(text[end] as string)) end++
    node.text = text.slice(at, end)
    if (node.text === 'true' || node.text === 'false' || node.text === 'null') node.kind = node.text
    else if (number.test(node.text)) node.kind = 'number'
    else {
      fail(node.text === '' ? 'a value is missing' : 'this is no value')
      return false
    }
    at = end
    return true
  }

  /** Past an object or array. */
  function inside(node: JsonNode, depth: number): boolean {
    const isObject = node.kind === 'object'
    const closing = isObject ? '}' : ']'
    const names = new Map<string, JsonNode>()
    at++
    blanks()
    if (text[at] === closing) {
      at++
      return true
    }
    for (;;) {
      blanks()
      let key: string | number = node.children.length
      if (isObject) {
        if (text[at] !== '"') return fail('a name in double quotes is missing') !== null
        const name = string()
        if (name === null) return false
        key = name
        blanks()
        if (text[at] !== ':') return fail('a colon is missing') !== null
        at++
      }
      const child = value(key, `${node.pointer}/${pointerStep(key)}`, depth + 1)
      if (!child) return false
      const before = names.get(String(key))
      if (before) before.doubled = true
      names.set(String(key), child)
      node.children.push(child)
      blanks()
      const next = text[at]
      if (next !== ',' && next !== closing) return fail(`a comma or ${closing} is missing`) !== null
      at++
      if (next === closing) return true
    }
  }

  const root = value(null, '', 0)
  blanks()
  if (root && at < text.length) fail('something stands behind the end')
  if (root && fault === null) return root
  const before = text.slice(0, at).split('\n')
  return { fault: fault ?? 'it is empty', at, line: before.length, column: (before.at(-1) as string).length + 1 }
}

function unescaped(literal: string): string {
  return literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1)
}

function pointerStep(key: string | number): string {
  return String(key).replaceAll('~', '~0').replaceAll('/', '~1')
}

/** The smallest value that holds a place of the text, and the way to it from the root. */
export function wayTo(root: JsonNode, from: number, to: number): JsonNode[] {
  const way: JsonNode[] = []
  for (let node: JsonNode | undefined = root; node; node = node.children.find(holds)) way.push(node)
  return way

  function holds(node: JsonNode): boolean {
    return node.start <= from && node.end >= to
  }
}

/** A JSON text indented by moving blanks alone: every value stays as it stands. */
export function indented(text: string, root: JsonNode): string {
  const lines: string[] = []
  add(root, '', '', '')
  return lines.join('\n')

  function add(node: JsonNode, blanks: string, name: string, comma: string): void {
    const [open, close] = node.kind === 'array' ? '[]' : '{}'
    if (node.children.length === 0) {
      const isEmpty = node.kind === 'object' || node.kind === 'array'
      const value = isEmpty ? `${open}${close}` : text.slice(node.start, node.end)
      lines.push(`${blanks}${name}${value}${comma}`)
      return
    }
    lines.push(`${blanks}${name}${open}`)
    node.children.forEach((child, index) => {
      const label = node.kind === 'object' ? `${nameLiteral(child)}: ` : ''
      add(child, `${blanks}  `, label, index === node.children.length - 1 ? '' : ',')
    })
    lines.push(`${blanks}${close}${comma}`)
  }

  function nameLiteral(child: JsonNode): string {
    return (
      (/("(?:[^"\\]|\\.)*")\s*:\s*$/.exec(text.slice(Math.max(0, child.start - 2048), child.start)) ?? [])[1] ??
      JSON.stringify(child.key)
    )
  }
}
