/**
 * A text that a pattern of a definition fits (anchors are not needed): of alternatives the first, what may be missing is
 * left out, what may repeat does so as often as it must. Undefined where that leads to no such text.
 */
export function exampleOf(pattern: string): string | undefined {
  const text = textOf(pattern)
  return new RegExp(`^(?:${pattern})$`).test(text) ? text : undefined
}

const token = /\\(.)|\[(\^?)((?:\\.|[^\]\\])*)\]|\((?:\?[:=!])?((?:\\.|\[[^\]]*\]|[^()[\]\\]|\((?:[^()]*)\))*)\)|([^])/g
const quantifier = /^(?:\*|\+|\?|\{(\d+)(?:,\d*)?\})\??/
const classes: Record<string, string> = { d: '4480', w: 'a', s: ' ', b: '', B: '' }

/** The text of a pattern's first alternative, whether or not the whole of it fits. */
export function textOf(pattern: string): string {
  const own = firstAlternative(pattern)
  let text = ''
  for (let at = 0; at < own.length; ) {
    token.lastIndex = at
    const match = token.exec(own)
    if (!match) break
    at = token.lastIndex
    const count = quantifier.exec(own.slice(at))
    at += count?.[0].length ?? 0
    text += repeated(match, timesOf(count))
  }
  return text
}

function repeated([, escaped, not, members, group, plain]: RegExpExecArray, times: number): string {
  if (group !== undefined) return textOf(group).repeat(times)
  const letters =
    members === undefined ? (classes[escaped ?? ''] ?? escaped ?? plainText(plain as string)) : membersOf(not, members)
  return Array.from({ length: times }, (_, index) => letters.charAt(index % letters.length)).join('')
}

function timesOf(count: RegExpExecArray | null): number {
  if (count === null || count[0].startsWith('+')) return 1
  return Number(count[1] ?? 0)
}

/** The characters of a class, a range by its first ones, so that a long text is not one letter. */
function membersOf(not: string | undefined, members: string): string {
  if (not === '^') return 'x'
  const parts = [...members.matchAll(/\\(.)|(.)-(.)|([^])/g)]
  return parts
    .map(([, escaped, from = '', to, one]) => {
      if (escaped !== undefined) return classes[escaped] ?? escaped
      if (to === undefined) return one as string
      const first = from.charCodeAt(0)
      const length = Math.min(4, to.charCodeAt(0) - first + 1)
      return String.fromCharCode(...Array.from({ length }, (_, index) => first + index))
    })
    .join('')
}

function plainText(character: string): string {
  if (character === '^' || character === '$') return ''
  return character === '.' ? 'x' : character
}

/** What stands before the first `|` that is in no group and no class. */
function firstAlternative(pattern: string): string {
  let depth = 0
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]
    if (character === '\\') at++
    else if (character === '(' || character === '[') depth++
    else if (character === ')' || character === ']') depth--
    else if (character === '|' && depth === 0) return pattern.slice(0, at)
  }
  return pattern
}
