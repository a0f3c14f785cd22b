import { expect, test } from 'vitest'
import { patternFaults } from '../../../src/core/value-faults.ts'

const faults = (pattern: string, anchored = false): string[] =>
  patternFaults(pattern, { anchored }).map(fault => fault.replace(`pattern ${pattern} `, ''))

test.each([
  '^[a-z0-9-]{1,64}$',
  '^(?:jira:)?(.+)_[a-z]+$',
  '^[^@\\s]+@[^@\\s]+\\.[a-z]+$',
  '/([A-Za-z]+)(?:[?]|$)',
  '(acct_[A-Za-z0-9]+)$',
  '^((?!9188040d)[0-9a-f-]{36})$',
  '^(?:ab){4}(c*)$',
  '^(?:ab)+(c*)$',
  '^(\\(a+\\))\\*$',
  '^([(*)+]+)$',
  '^(?<name>a+)?$',
  '^(a|b+)$',
  '^a+?(b*?)$',
])('%s is quick', pattern => {
  expect(faults(pattern)).toEqual([])
})

test.each([
  '^([0-9]+)+$',
  '^(?:a|a)*(b)',
  '^(a|ab)*$',
  '^((a+)b?)*$',
  '^(?:(?:a{1,3}))+$',
  '^(?:a?b)*$',
  '^(?:a*){5}$',
  '^(?=(a+)+)$',
  '^(?<x>a+)+$',
  'a{2}{3}',
])('%s repeats what varies', pattern => {
  expect(faults(pattern)).toContain('repeats a repetition or a choice')
})

test.each(['^a+b*c+d*$', 'a+b*c+', '^(a*)a*a*a*b', '^a{1,9}b{1,9}c{1,9}d{1,9}$'])('%s repeats too often', pattern => {
  expect(faults(pattern)).toEqual(['has more than 3 repetitions, of which a beginning without ^ is one'])
})

test('what must be anchored is', () => {
  for (const pattern of ['^a$', '^(?:a|b)$', '^(a(b|c)|\\|[|])$']) expect(faults(pattern, true), pattern).toEqual([])
  for (const pattern of ['a', '^a', 'a$', '', '^a|b$', '^(a)|(b)$', '^a\\$']) {
    expect(faults(pattern, true)).toEqual(['is not anchored: it must be ^…$'])
  }
})

test.each(['^(a$', '[a', '*', '(?<x', '^a)$'])('%s is no regular expression, whatever else it is', pattern => {
  expect(faults(pattern)).toContain('is no regular expression')
})
