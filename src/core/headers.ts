/** Headers as they came over the wire: name, value, name, value, … in order, repeats and spelling kept. */
export type RawHeaders = string[]

/** The first value of a header, whatever its spelling. */
export function header(headers: RawHeaders, name: string): string | undefined {
  const wanted = name.toLowerCase()
  for (let index = 0; index < headers.length; index += 2) {
    if (isNamed(headers[index], wanted)) return headers[index + 1]
  }
  return undefined
}

/** The different values of a header as one (RFC 9110 section 5.3), which is what handlers see: never the first for all. */
export function wholeHeader(headers: RawHeaders, name: string): string | undefined {
  const values = headerValues(headers, name)
  return values.length === 0 ? undefined : [...new Set(values)].join(', ')
}

/** Every value of a header, in order. */
export function headerValues(headers: RawHeaders, name: string): string[] {
  const wanted = name.toLowerCase()
  return headers.filter((_, index) => index % 2 === 1 && isNamed(headers[index - 1], wanted))
}

/** How often a header came. */
export function headerCount(headers: RawHeaders, name: string): number {
  const wanted = name.toLowerCase()
  let count = 0
  for (let index = 0; index < headers.length; index += 2) if (isNamed(headers[index], wanted)) count++
  return count
}

function isNamed(name: string | undefined, wanted: string): boolean {
  return name !== undefined && name.length === wanted.length && name.toLowerCase() === wanted
}

/** The headers whose name passes, pairs kept together. */
export function filterHeaders(headers: RawHeaders, keep: (lowerCaseName: string) => boolean): RawHeaders {
  const kept: RawHeaders = []
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string
    if (keep(name.toLowerCase())) kept.push(name, headers[index + 1] as string)
  }
  return kept
}

/** The headers with one value replaced in place (every repeat of it), or added at the end where it is missing. */
export function setHeader(headers: RawHeaders, name: string, value: string): RawHeaders {
  const wanted = name.toLowerCase()
  const result = [...headers]
  let seen = false
  for (let index = 0; index < result.length; index += 2) {
    if (result[index]?.toLowerCase() !== wanted) continue
    result[index + 1] = value
    seen = true
  }
  return seen ? result : [...result, name, value]
}
