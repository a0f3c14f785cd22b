import type { Account } from '../../core/account.ts'
import { appHosts } from '../../core/app-hosts.ts'
import { accountsAnswered } from '../../core/asked-accounts.ts'
import type { ProviderDefinition } from '../../core/definition.ts'
import { exits, WhsError } from '../../core/errors.ts'
import type { Resolve } from '../../core/resolve-definition.ts'
import type { ItemContext } from '../../core/value.ts'
import type { App } from '../../store/app-ops.ts'
import { type ApiPage, callName, callPages } from '../api-call.ts'
import { type CallDeps, secretSlotsOf } from '../call-place.ts'
import { providersText } from '../said.ts'
import { appSlots } from '../slots.ts'
import { tenantCall } from '../tenant-call.ts'
import { isTokenRefused } from '../token-refused.ts'

/** What is asked about. */
export interface Question {
  app: App
  definition: ProviderDefinition
  resolve: Resolve
  value: string
}

/**
 * Asks with a tenant's own token whether a value is its own: for which of its accounts it stands, or null where the answer
 * says no.
 * @throws WhsError `resolve-busy` (exit 10, to be asked again), those of `tenantCall`
 */
export async function askTenant(
  deps: CallDeps,
  question: Question,
  { connection, own }: { connection: string; own: Account | null },
): Promise<Account | null> {
  const { resolve, value } = question
  const answers = await good(question, tenantCall(deps, { connection }, resolve.call, { value }))
  const [account, ...others] = answers ? accountsIn(question, answers, own) : []
  // It stands for one account, or nobody can say for which.
  return account && others.length === 0 ? account : null
}

/**
 * Asks with the app's own credentials for which accounts a value stands; none where the provider does not know it.
 * @throws WhsError `resolve-busy` (exit 10, to be asked again), `resolve-refused` (exit 4), `no-<name>-secret` (exit 3), those of
 * `callPages`
 */
export async function askApp(deps: CallDeps, question: Question): Promise<Account[]> {
  const { app, definition, resolve, value } = question
  const slots = {
    ...appSlots(deps, app),
    ...(await secretSlotsOf(deps, { app, definition }, resolve.call)),
    now: String(Math.floor(deps.now() / 1000)),
    value,
  }
  const answers = await good(question, callPages(deps, resolve.call, { hosts: appHosts(definition, app), slots }))
  return answers ? accountsIn(question, answers, null) : []
}

function accountsIn({ definition, resolve, value }: Question, answers: ItemContext[], own: Account | null): Account[] {
  return accountsAnswered(definition, resolve, value, answers, own)
}

/** The answers of all pages; null where one is a refusal, which says no. */
async function good(question: Question, pages: AsyncGenerator<ApiPage>): Promise<ItemContext[] | null> {
  const answers: ItemContext[] = []
  for await (const page of pages) {
    if (page.verdict === 'busy') throw unanswered(question, page, 'resolve-busy')
    const isOfApp = question.resolve.as === 'app'
    if (isOfApp && isTokenRefused(question.definition, page.answer)) throw unanswered(question, page, 'resolve-refused')
    if (page.verdict === 'refused') return null
    if (page.context) answers.push(page.context)
  }
  return answers
}

function unanswered(
  { definition, resolve, app }: Question,
  { status, context, answer, slots }: ApiPage,
  code: 'resolve-busy' | 'resolve-refused',
): WhsError {
  const said = providersText(context, answer.body, slots)
  return new WhsError({
    code,
    exit: code === 'resolve-busy' ? exits.api : exits.consent,
    what: `${definition.company} answered ${status} to ${callName(resolve.call)}`,
    why: said === '' ? 'it said nothing more' : said,
    next: code === 'resolve-busy' ? 'it is asked again by itself' : `whs app show ${app.name}`,
  })
}
