import { type SlotsQuestion, slotFault } from '../connect/ask-slots.ts'
import type { AccountAnswer, AccountsQuestion } from '../connect/choose.ts'
import type { ConsentDeps, TenantQuestion } from '../connect/consent.ts'
import { isTenantId } from '../core/account.ts'
import { exits, WhsError } from '../core/errors.ts'
import { countText, safeText } from '../core/text.ts'
import { askChoices, askText, askYes } from './ask.ts'
import type { Io } from './io.ts'

type Questions = Pick<ConsentDeps, 'askTenant' | 'askSlots' | 'askAccounts'>

/**
 * What a consent may ask the person at this terminal; nothing where nobody may be asked. `later`: also once the browser
 * has come back, which a terminal that waits for a pasted address cannot. `onBack` is called before the first of those, so that
 * nothing else reads the terminal then.
 */
export function consentQuestions(io: Io, later: boolean, onBack: () => void = () => undefined): Questions {
  if (!io.mayAsk) return {}
  const askBefore: Questions = { askSlots: question => orCancelled(askSlots(io, question)) }
  if (!later) return askBefore
  return {
    ...askBefore,
    askTenant(question) {
      onBack()
      return orCancelled(askTenant(io, question))
    },
    askAccounts(question) {
      onBack()
      return orCancelled(askAccounts(io, question))
    },
  }
}

/** A question that Ctrl-C ended. @throws WhsError `consent-cancelled` (exit 130) */
async function orCancelled<T>(question: Promise<T>): Promise<T> {
  try {
    return await question
  } catch (cause) {
    const what = 'a question of the consent was not answered'
    throw new WhsError({ code: 'consent-cancelled', exit: exits.interrupted, what, why: 'interrupted', cause })
  }
}

const tenantCheck = (text: string): true | string => isTenantId(text.trim()) || 'letters, digits, . _ : @ -'

async function askTenant(io: Io, { account, taken }: TenantQuestion): Promise<string> {
  const who = safeText(account.name ?? account.value)
  const message = `${who} would be the tenant ${taken}, which is another account's. Which tenant is it?`
  return (await askText(io, { message, default: `${taken}-2`, check: tenantCheck })).trim()
}

async function askSlots(io: Io, { asks }: SlotsQuestion): Promise<Record<string, string>> {
  const answers: Record<string, string> = {}
  for (const ask of asks) {
    const message = `${ask.label} (such as ${ask.example})`
    const check = (text: string): true | string => slotFault(ask, text) ?? true
    answers[ask.name] = (await askText(io, { message, check })).trim()
  }
  return answers
}

type OfferedAccount = AccountsQuestion['accounts'][number]

async function askAccounts(io: Io, question: AccountsQuestion): Promise<AccountAnswer[]> {
  return question.why === 'confirm' ? confirmAccounts(io, question) : chooseAccounts(io, question)
}

/** One account came through the browser, and only a person can vouch for it. */
async function confirmAccounts(io: Io, { accounts, word, noun, tenant }: AccountsQuestion): Promise<AccountAnswer[]> {
  const answers: AccountAnswer[] = []
  for (const account of accounts) {
    const whose = tenant ?? account.suggested
    const message = `The browser brought the ${noun} ${accountText(account, word)}. Is it really ${whose}'s?`
    if (await askYes(io, message)) answers.push({ value: account.value, tenant: null })
  }
  return answers
}

async function chooseAccounts(io: Io, { accounts, word, noun, tenant }: AccountsQuestion): Promise<AccountAnswer[]> {
  const choices = accounts.map(account => ({
    name: `${accountText(account, word)}${ownersText(account)}`,
    value: account,
  }))
  const of = tenant === null ? '' : ` are ${tenant}'s`
  const many = countText(accounts.length, noun, `accounts (each a ${noun})`)
  const chosen = await askChoices(io, `The consent is for ${many}. Which${of || ' shall be connected'}?`, choices)
  const answers: AccountAnswer[] = []
  for (const account of chosen) {
    const name = tenant ?? (await askText(io, tenantQuestion(account))).trim()
    answers.push({ value: account.value, tenant: name === account.suggested ? null : name })
  }
  return answers
}

function tenantQuestion({ name, value, suggested }: OfferedAccount): Parameters<typeof askText>[1] {
  return { message: `Which tenant is ${safeText(name ?? value)}?`, default: suggested, check: tenantCheck }
}

function accountText({ name, value }: OfferedAccount, word: string): string {
  return name === null ? `${word} ${safeText(value)}` : `${safeText(name)}, ${word} ${safeText(value)}`
}

function ownersText({ owners }: OfferedAccount): string {
  return owners.length === 0 ? '' : `  (${owners.join(', ')} has it)`
}
