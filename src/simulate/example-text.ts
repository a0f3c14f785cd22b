/**
 * A text that a pattern of a definition fits (anchors are not needed): every class gives its first character, what may be
 * missing is left out, what may repeat does so as often as it must. Undefined where that leads to no such text.
 */
export function exampleOf(pattern: string): string | undefined {
  const whole = new RegExp(`^(?:${pattern})$`)
  const text = textOf(pattern)
  return whole.test(text) ? text : undefined
}

const token = /\\(.)|\[(\^?)((?:\\.|[^\]\\])*)\]|\((?:\?[:=!])?((?:\\.|\[[^\]]*\]|[^()[\]\\]|\((?:[^()]*)\))*)\)|([^])/g
const quantifier = /^(?:\*|\+|\?|\{(\d+)(?:,\d*)?\})\??/

/** The text of a pattern's first alternative, whether or not the whole of it fits. */
export function textOf(pattern: string): string {
  const own = firstAlternative(pattern)
  let text = ''
  let at = 0
  while (at < own.length) {
    token.lastIndex = at
    const match = token.exec(own)
    if (!match) break
    at = token.lastIndex
    const [, escaped, not, members, group, plain] = match
    const count = quantifier.exec(own.slice(at))
    at += count?.[0].length ?? 0
    const one =
      escaped !== undefined
        ? escapedText(escaped)
        : members !== undefined
          ? classText(not === '^', members)
          : group !== undefined
            ? textOf(group)
            : plainText(plain as string)
    text += one.repeat(timesOf(count))
  }
  return text
}

function timesOf(count: RegExpExecArray | null): number {
  if (count === null || count[0].startsWith('+')) return 1
  return count[1] === undefined ? 0 : Number(count[1])
}

function escapedText(letter: string): string {
  const classes: Record<string, string> = { d: '4', w: 'a', s: ' ', b: '', B: '' }
  return classes[letter] ?? letter
}

function classText(not: boolean, members: string): string {
  if (not) return 'x'
  const first = /^\\(.)/.exec(members)
  return first ? escapedText(first[1] as string) : members.slice(0, 1)
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
