import type { Buffer } from 'node:buffer'
import type { Resolve } from '../../core/resolve-definition.ts'
import type { Company } from '../companies.ts'
import type { World } from '../world.ts'
import type { Answered, KnownCall } from './known-call.ts'
import { resourcesOf } from './resources.ts'
import { writeAnswer, writeItems } from './write-answer.ts'

/** The calls that say whose a value is that deliveries name. */
export function resolvesOf(world: World): KnownCall[] {
  return (world.definition.resolve ?? []).map(resolve => ({
    call: resolve.call,
    ofApp: resolve.as === 'app',
    answer: ({ companies }, { value = '' }) => answer(world, resolve, companies, value),
  }))
}

/** Of those that the caller may see, the companies whose the value is; a tenant sees nobody else's. */
function answer(world: World, resolve: Resolve, companies: Company[], value: string): Answered {
  const meant = companies.filter(company => isOf(world, company, value))
  const bytes = world.fixtures.answer(`resolve-${resolve.name}`)
  const { items } = resolve
  if (items !== undefined) {
    return writeItems(bytes, items, undefined, meant.length, (written, index, pick) =>
      writeOne(resolve, written, meant[index] as Company, value, pick),
    )
  }
  const [first] = meant
  return first ? writeOne(resolve, bytes, first, value) : 'not-found'
}

function writeOne(
  { equals, account }: Resolve,
  bytes: Buffer,
  company: Company,
  value: string,
  pick?: Parameters<typeof writeAnswer>[3],
): Buffer {
  const said = equals === undefined ? bytes : writeAnswer(bytes, equals, value, pick)
  const text = account && company.values[account.kind]
  return account && text !== undefined ? writeAnswer(said, account.at, text, pick) : said
}

/** Whether a value is a company's: an account of its own, or a piece of one, a thing that hooks can be for, or a record. */
export function isOf(world: World, company: Company, value: string): boolean {
  const { values, slots, records } = company
  const own = [...Object.values(values), ...Object.values(slots)]
  return (
    own.some(one => one === value || one.endsWith(`/${value}`)) ||
    (resourcesOf(world, company)?.some(({ id }) => id === value) ?? false) ||
    records.some(({ id }) => id === value)
  )
}
