import fc from 'fast-check'

/** JSON texts as nobody would write them: odd blanks, every escape, numbers no double holds, doubled and escaped keys. */
const blank = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r\n  ')
const piece = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'é',
    '😀',
    '\u2028',
    '\\n',
    '\\"',
    '\\\\',
    '\\/',
    '\\u0061',
    '\\u00E9',
    '\\ud83d\\ude00',
    '\\ud800',
  ),
  fc.constantFrom('[', ']', '{', '}', ',', ':', ' ', '$', '\u007f'),
)
const string = fc.array(piece, { maxLength: 6 }).map(pieces => `"${pieces.join('')}"`)
const key = fc.oneof(fc.constantFrom('"a"', '"\\u0061"', '"b"', '"__proto__"', '""'), string)
const number = fc.oneof(
  fc.constantFrom('0', '-0', '1.50', '9341453900000001234567', '-1e5', '2E+3', '0.1e-2'),
  fc.integer().map(String),
)
const scalar = fc.oneof(string, number, fc.constantFrom('true', 'false', 'null'))

function joined(open: string, parts: fc.Arbitrary<string>, close: string): fc.Arbitrary<string> {
  return fc.tuple(fc.array(fc.tuple(blank, parts, blank), { maxLength: 5 }), blank).map(([all, gap]) => {
    return `${open}${all.map(one => one.join('')).join(',') || gap}${close}`
  })
}

const { value } = fc.letrec<{ value: string }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    joined('[', tie('value'), ']'),
    joined(
      '{',
      fc.tuple(key, blank, blank, tie('value')).map(([name, left, right, one]) => `${name}${left}:${right}${one}`),
      '}',
    ),
  ),
}))

export const jsonText: fc.Arbitrary<string> = fc.tuple(blank, value, blank).map(one => one.join(''))

/** JSON texts with one thing done to them, most of them no JSON any more. */
export const brokenText: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(
      jsonText,
      fc.nat(),
      fc.constantFrom('', ',', ':', '"', '{', ']', '\\', '0', '-', '.', 'e', 't', '\u0000', '\n', ' '),
    )
    .chain(([text, where, what]) =>
      fc.constantFrom(0, 1, 2).map(gone => {
        const at = where % (text.length + 1)
        return text.slice(0, at) + what + text.slice(at + gone)
      }),
    ),
  fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0019.eE+-truefalsn \n'), maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
