import { describe, expect, test } from 'vitest'
import type { RawHeaders } from '../../../src/core/headers.ts'
import { readSignatures, writeSignature } from '../../../src/core/signature-header.ts'
import type { SignatureHeader } from '../../../src/core/webhook-definition.ts'

const plain: SignatureHeader = { names: ['x-sig'] }
const either: SignatureHeader = { names: ['x-sig-256', 'x-sig'] }
const prefixed: SignatureHeader = { names: ['x-sig'], prefix: 'sha256=' }
const list: SignatureHeader = { names: ['x-sig'], list: { signature: 'v1', time: 't' } }
const untimed: SignatureHeader = { names: ['x-sig'], list: { signature: 'h1' } }
const words: SignatureHeader = { names: ['x-sig'], words: { version: 'v1' } }
const numbered: SignatureHeader = { names: ['x-sig-{n}'] }

describe('what is read', () => {
  test.each<[string, SignatureHeader, RawHeaders, string[], string | null]>([
    ['plain', plain, ['X-SIG', 'ab'], ['ab'], null],
    ['with blanks around it', plain, ['X-Sig', ' ab\t'], ['ab'], null],
    ['the first of two names', either, ['x-sig', 'old', 'X-Sig-256', 'new'], ['new'], null],
    ['the other name where the first is missing', either, ['x-sig', 'old'], ['old'], null],
    ['the other name where the first is empty', either, ['x-sig-256', '', 'x-sig', 'old'], ['old'], null],
    ['behind a prefix', prefixed, ['x-sig', 'sha256=ab'], ['ab'], null],
    ['behind a prefix in capitals', prefixed, ['x-sig', 'SHA256=ab'], ['ab'], null],
    ['a list', list, ['x-sig', 't=1,v1=ab'], ['ab'], '1'],
    ['a list with blanks, in any order', list, ['x-sig', 'v1=ab , v0=x, t = 1 ,v1=cd'], ['ab', 'cd'], '1'],
    ['a list with two times: the first counts', list, ['x-sig', 't=1,t=2,v1=ab'], ['ab'], '1'],
    ['a list without its time', list, ['x-sig', 'v1=ab'], ['ab'], null],
    ['a list whose value holds =', list, ['x-sig', 't=1,v1=YQ=='], ['YQ=='], '1'],
    ['a list that has no time', untimed, ['x-sig', 'ts=1,h1=ab'], ['ab'], null],
    ['words of one version', words, ['x-sig', 'v1a,xx v1,ab v2,cd v1,ef'], ['ab', 'ef'], null],
    ['numbered', numbered, ['X-Sig-2', 'cd', 'X-Sig-1', 'ab'], ['ab', 'cd'], null],
    ['numbered, up to the first gap', numbered, ['x-sig-1', 'ab', 'x-sig-3', 'cd'], ['ab'], null],
    ['numbered, the empty one left out', numbered, ['x-sig-1', '', 'x-sig-2', 'cd'], ['cd'], null],
  ])('%s', (_, layout, headers, signatures, time) => {
    expect(readSignatures(layout, headers)).toEqual({ signatures, time })
  })

  test.each<[string, SignatureHeader, RawHeaders, string]>([
    ['nothing', plain, [], 'missing-header'],
    ['an empty one', plain, ['x-sig', ''], 'missing-header'],
    ['a blank one', plain, ['x-sig', ' \t '], 'missing-header'],
    ['a numbered one that begins at 2', numbered, ['x-sig-2', 'ab'], 'missing-header'],
    ['doubled', plain, ['x-sig', 'ab', 'X-Sig', 'ab'], 'doubled-header'],
    ['doubled and empty', plain, ['x-sig', '', 'X-Sig', ''], 'doubled-header'],
    ['the other name doubled', either, ['x-sig-256', 'a', 'x-sig', 'b', 'x-sig', 'c'], 'doubled-header'],
    ['a numbered one doubled', numbered, ['x-sig-1', 'a', 'x-sig-2', 'b', 'x-sig-2', 'b'], 'doubled-header'],
    ['without its prefix', prefixed, ['x-sig', 'ab'], 'malformed-header'],
    ['a prefix alone', prefixed, ['x-sig', 'sha256='], 'malformed-header'],
    ['a list without a signature', list, ['x-sig', 't=1,v0=ab'], 'malformed-header'],
    ['a list with an empty one', list, ['x-sig', 't=1,v1='], 'malformed-header'],
    ['no list', list, ['x-sig', 'ab'], 'malformed-header'],
    ['a list with a name in capitals', list, ['x-sig', 't=1,V1=ab'], 'malformed-header'],
    ['words of another version', words, ['x-sig', 'v2,ab v1a,cd'], 'malformed-header'],
    ['a version without a word', words, ['x-sig', 'v1,'], 'malformed-header'],
  ])('not %s', (_, layout, headers, reason) => {
    expect(readSignatures(layout, headers)).toMatchObject({ reason, detail: expect.stringContaining('x-sig') })
  })

  test('at most a hundred are tried, however many came', () => {
    const many = { 'x-sig': Array.from({ length: 5000 }, (_, index) => `v1=${index}`).join(',') }
    expect(readSignatures(untimed, ['x-sig', many['x-sig'].replaceAll('v1', 'h1')])).toMatchObject({
      signatures: { length: 100 },
    })
    const rows = Array.from({ length: 300 }, (_, index) => [`X-Sig-${index + 1}`, `${index}`]).flat()
    expect(readSignatures(numbered, rows)).toMatchObject({ signatures: { length: 100 } })
  })
})

describe('what is written', () => {
  test.each<[string, SignatureHeader, RawHeaders, RawHeaders]>([
    ['plain', plain, ['A', '1'], ['A', '1', 'x-sig', 'new']],
    ['in place', plain, ['X-Sig', 'old', 'A', '1'], ['X-Sig', 'new', 'A', '1']],
    ['under the name that came', either, ['X-Sig', 'old'], ['X-Sig', 'new']],
    ['under the first name where none came', either, [], ['x-sig-256', 'new']],
    ['behind the prefix', prefixed, [], ['x-sig', 'sha256=new']],
    ['in a list', list, ['x-sig', 't=1,v1=a,v1=b,v0=c'], ['x-sig', 't=7,v1=new']],
    ['in a list without a time', untimed, [], ['x-sig', 'h1=new']],
    ['among words', words, ['x-sig', 'v1,a v1,b'], ['x-sig', 'v1,new']],
    ['numbered: one is left', numbered, ['X-Sig-1', 'a', 'B', '2', 'X-Sig-2', 'b'], ['X-Sig-1', 'new', 'B', '2']],
    ['numbered, up to ten and more', numbered, ['x-sig-10', 'a', 'x-sig-x', 'b'], ['x-sig-x', 'b', 'x-sig-1', 'new']],
  ])('%s', (_, layout, headers, wanted) => {
    const written = writeSignature(layout, headers, { signature: 'new', time: '7' })
    expect(written).toEqual(wanted)
    expect(readSignatures(layout, written)).toEqual({ signatures: ['new'], time: layout === list ? '7' : null })
  })
})
