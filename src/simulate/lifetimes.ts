import type { ProviderDefinition } from '../core/definition.ts'
import type { Path } from '../core/value-definition.ts'
import { readAnswer } from './answers/read-answer.ts'
import type { ProviderFixtures } from './fixtures.ts'
import type { GrantOptions } from './grants.ts'

type Lifetimes = Pick<GrantOptions, 'accessSeconds' | 'refreshSeconds'>

const defaultRefreshSeconds = 31_536_000

/** How long tokens live by a fixture's words: `expires_in` where it is more than nothing, else what the definition says. */
export function lifetimesOf({ oauth }: ProviderDefinition, { token }: ProviderFixtures): Lifetimes {
  const { reply = {}, accessSeconds, refresh } = oauth
  const read = (path: Path | undefined): number => Number((path && readAnswer(token, path)) ?? 0)
  const said = read(reply.expiresIn ?? '$.expires_in')
  const refreshSaid = read(reply.refreshExpiresIn)
  return {
    accessSeconds: said > 0 ? said : accessSeconds,
    refreshSeconds: refreshSaid > 0 ? refreshSaid : (refresh.seconds ?? defaultRefreshSeconds),
  }
}
