import { compilePath } from './path.ts'
import type { Value, When } from './value-definition.ts'

/** What is wrong with a regular expression of a definition: unanchored where it must be, unsafe, or none at all. */
export function patternFaults(pattern: string, { anchored }: { anchored: boolean }): string[] {
  const faults: string[] = []
  if (anchored && !isAnchored(pattern)) faults.push(`pattern ${pattern} is not anchored: it must be ^…$`)
  const slow = slowness(pattern)
  if (slow) faults.push(`pattern ${pattern} ${slow}`)
  try {
    RegExp(pattern)
  } catch {
    faults.push(`pattern ${pattern} is no regular expression`)
  }
  return faults
}

/** A pattern with its escapes, classes and kinds of groups taken out. */
function plainOf(pattern: string): string {
  const plain = pattern.replace(/\\./gs, '_').replace(/\[[^\]]*\]/g, '_')
  return plain.replace(/\(\?(?:[:=!]|<[=!]|<\w+>)/g, '(')
}

/** Whether a pattern holds for whole texts only: `^a|b$` is two halves, neither of which does. */
function isAnchored(pattern: string): boolean {
  let outer = plainOf(pattern)
  while (/\([^()]*\)/.test(outer)) outer = outer.replace(/\([^()]*\)/g, '_')
  return /^\^.*\$$/s.test(outer) && !outer.includes('|')
}

const mostRepetitions = 3

/** Why a pattern could take long: a repeated group that varies backtracks without bound, many repetitions nearly so. */
function slowness(pattern: string): string | undefined {
  const plain = plainOf(pattern)
  const varies: boolean[] = [false]
  let repetitions = plain.startsWith('^') ? 0 : 1
  for (const [piece] of plain.matchAll(/\)?(?:[*+]|\{\d+(?:,\d*)?\})|[()|?]/g)) {
    if (piece === '(') {
      varies.push(false)
      continue
    }
    const inner = piece.startsWith(')') && varies.pop()
    const isRepetition = piece.length > 1 || piece === '*' || piece === '+'
    if (inner && isRepetition) return 'repeats a repetition or a choice'
    const isFixed = /^\)?(?:\{\d+\})?$/.test(piece)
    if (isRepetition && !isFixed) repetitions++
    varies[varies.length - 1] ||= inner || !isFixed
  }
  if (/[*+}][*+{]/.test(plain)) return 'repeats a repetition or a choice'
  if (repetitions <= mostRepetitions) return undefined
  return `has more than ${mostRepetitions} repetitions, of which a beginning without ^ is one`
}

/** What is wrong with a path: that it is none, or that a `[*]` of it follows no split. */
export function pathFaults(path: string, splits: string[]): string[] {
  try {
    const { root, steps } = compilePath(path)
    if (steps.some(step => step !== 'every' && 'keys' in step))
      return [`path ${path} names several keys, which only a split may`]
    const star = path.lastIndexOf('[*]')
    if (star < 0) return []
    const beginning = path.slice(0, star + 3)
    const known = root === '$' && splits.some(split => split.startsWith(beginning))
    return known ? [] : [`[*] in ${path} follows no split`]
  } catch (error) {
    return [(error as Error).message]
  }
}

/** What is wrong with a value, whatever it is made of. */
export function valueFaults(value: Value, splits: string[]): string[] {
  if (typeof value === 'string') return pathFaults(value, splits)
  if ('first' in value) return value.first.flatMap(one => valueFaults(one, splits))
  if ('join' in value) return value.join.flatMap(one => valueFaults(one, splits))
  if ('part' in value) return valueFaults(value.part.of, splits)
  if ('map' in value) return valueFaults(value.map.of, splits)
  if ('capture' in value) {
    const { of, pattern } = value.capture
    const group = /\((?!\?)/.test(pattern) ? [] : [`pattern ${pattern} has no group to take`]
    return [...valueFaults(of, splits), ...patternFaults(pattern, { anchored: false }), ...group]
  }
  if ('base64Json' in value)
    return [...valueFaults(value.base64Json.of, splits), ...pathFaults(value.base64Json.at, [])]
  if ('template' in value) {
    return [...value.template.matchAll(/\{([^{}]+)\}/g)].flatMap(match => pathFaults(match[1] as string, splits))
  }
  return []
}

/** What is wrong with a condition. */
export function whenFaults(when: When, splits: string[]): string[] {
  if (typeof when === 'string') return pathFaults(when, splits)
  if ('all' in when) return when.all.flatMap(one => whenFaults(one, splits))
  if ('exists' in when) return valueFaults(when.exists, splits)
  if ('absent' in when) return valueFaults(when.absent, splits)
  if ('empty' in when) return pathFaults(when.empty, splits)
  if ('equal' in when) return when.equal.flatMap(one => valueFaults(one, splits))
  return valueFaults(when.at, splits)
}

/** What is wrong with a path whose elements are walked: it may take every one, but must begin with the whole answer. */
export function itemsFaults(path: string): string[] {
  try {
    return compilePath(path).root === '$' ? [] : [`${path} must begin with $`]
  } catch (error) {
    return [(error as Error).message]
  }
}
