/**
 * Whether a text fits a pattern in which `*` is anything and `|` separates alternatives. Capitals do not matter, unless
 * `exact`.
 */
export function globMatches(pattern: string, text: string, exact = false): boolean {
  if (exact) return pattern.split('|').some(one => oneMatches(one, text))
  return pattern.split('|').some(one => oneMatches(one.toLowerCase(), text.toLowerCase()))
}

/** Greedy two-pointer match: linear in practice, never exponential, whatever pattern is given. */
function oneMatches(pattern: string, text: string): boolean {
  let at = 0
  let star = -1
  let resume = 0
  let place = 0
  while (at < text.length) {
    if (pattern[place] === '*') {
      star = place++
      resume = at
    } else if (pattern[place] === text[at]) {
      place++
      at++
    } else if (star >= 0) {
      place = star + 1
      at = ++resume
    } else return false
  }
  while (pattern[place] === '*') place++
  return place === pattern.length
}
