import { needsPublicRedirect } from '../connect/redirect.ts'
import { mustBeNamed } from '../connect/wish.ts'
import type { Environment, ProviderDefinition, SecretName } from '../core/definition.ts'
import { signingSecrets } from '../core/scheme-text.ts'
import type { StoredActivation } from '../store/activation-ops.ts'
import { stepsOf } from './activations.ts'
import { secretFlag, secretNames } from './app-draft.ts'
import type { AppFacts } from './app-facts.ts'
import { broughtSecret, hookSecret } from './hook-secret.ts'
import { activationText, withArticle } from './provider-facts.ts'

export type SetupStepName = 'keys' | 'redirect' | 'callback' | 'events' | 'secret' | 'consent' | 'hooks' | 'delivery'

/** One step on the way from nothing to the first verified event, in the provider's own words. */
export interface SetupStep {
  name: SetupStepName
  title: string
  /** Where in the portal. */
  where: string | null
  /** What goes into which field; a null value is not known yet. */
  fields: { label: string; value: string | null }[]
  /** What else there is to do, one sentence each. */
  notes: string[]
  /** The command that does it, or that makes known what is not. */
  command: string | null
  done: boolean
}

/** What the steps are made from. */
export interface SetupFacts {
  definition: ProviderDefinition
  /** The app's name, also where it is not stored yet. */
  name: string
  env: Environment
  facts: AppFacts | null
  /** Where deliveries and consents reach us; null where that is not known yet. */
  callback: string | null
  redirect: string | null
}

/** How far an app has come. */
export interface Reached {
  isConnected: boolean
  hasDelivered: boolean
  hooks: StoredActivation[]
}

function step(one: Partial<SetupStep> & Pick<SetupStep, 'name' | 'title' | 'done'>): SetupStep {
  return { where: null, fields: [], notes: [], command: null, ...one }
}

/** The steps for an app in the order of its portal. Where each tenant has a hook of its own, it comes after the consent. */
export function setupSteps(given: SetupFacts, reached: Reached): SetupStep[] {
  const { definition } = given
  const isShared = definition.activation.per === 'app'
  return [
    keysStep(given),
    redirectStep(given, reached),
    ...(isShared ? [callbackStep(given, reached), eventsStep(given, reached)] : []),
    ...secretSteps(given),
    consentStep(given, reached),
    ...(isShared ? [] : [hooksStep(given, reached)]),
    deliveryStep(given, reached),
  ]
}

function keysStep({ definition, name, env, facts }: SetupFacts): SetupStep {
  const { portal, secrets, settings = {}, docs, company, id } = definition
  const keys = keySecrets(definition)
  const wanted = Object.values(settings).filter(({ optional }) => !optional)
  const places = [portal.clientId, ...wanted, ...keys.map(key => secrets[key])]
  const has = (key: SecretName): boolean => facts?.secrets.some(one => one.name === key && one.keys.length > 0) ?? false
  const hasKeys =
    facts !== null &&
    facts.clientId !== null &&
    keys.every(has) &&
    Object.entries(settings).every(([setting, { optional }]) => optional || facts.settings[setting] !== undefined)
  const named = name === id ? '' : ` --app ${name}`
  const set = ['--client-id <id>', ...keys.map(secretFlag)].join(' ')
  const isSimulated = env === 'simulator'
  return step({
    name: 'keys',
    title: isSimulated
      ? 'Register an app at the simulator'
      : `Make an app at ${company} (${docs.portal}) and give whs its ${env} keys`,
    where: isSimulated ? null : [...new Set(places.map(place => place?.where))].join(' · '),
    notes: isSimulated
      ? ['whs simulate has to run in another terminal']
      : [`copy ${listText(places.flatMap(place => place?.label ?? []))}`],
    command: facts ? `whs app set ${name} ${set}` : `whs app add ${id}${named} --env ${env}`,
    done: hasKeys,
  })
}

/** The secrets that an app has from the start, and must have. */
export function keySecrets(definition: ProviderDefinition): SecretName[] {
  return secretNames(definition).filter(name => {
    const place = definition.secrets[name]
    return !place?.later && !place?.optional
  })
}

/**
 * The secrets of an app that the portal shows, or a handshake brings, only once the callback URL is known there. Not those
 * that each hook has for itself, which come with it, nor what the app works without.
 */
export function laterSecrets(definition: ProviderDefinition): SecretName[] {
  const ofHooks = definition.activation.secret === undefined ? null : hookSecret(definition)
  return secretNames(definition).filter(name => {
    const place = definition.secrets[name]
    return place?.later && !place.optional && name !== ofHooks
  })
}

function listText(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

function redirectStep({ definition, env, redirect, callback }: SetupFacts, { isConnected }: Reached): SetupStep {
  const { portal, company } = definition
  const needsPublic = needsPublicRedirect(definition, env)
  return step({
    name: 'redirect',
    title: `Let ${company} send people back here`,
    where: portal.redirectUri.where,
    fields: [{ label: portal.redirectUri.label, value: redirect }],
    notes: needsPublic ? [`${company} accepts only a public https address for ${env} keys`] : [],
    command: redirect === null && callback === null ? 'whs listen' : null,
    done: env === 'simulator' || isConnected,
  })
}

function callbackStep({ definition, name, env, callback }: SetupFacts, { hasDelivered }: Reached): SetupStep {
  const { label, where } = definition.portal.callbackUrl
  const listen = callback === null ? 'whs listen' : null
  return step({
    name: 'callback',
    title: 'Say where events go',
    where,
    fields: [{ label, value: callback }],
    notes: stepsOf(definition, callback ?? '<that URL>'),
    command: broughtSecret(definition) === null ? listen : `whs activations add ${name}`,
    done: env === 'simulator' || hasDelivered,
  })
}

function eventsStep({ definition, env }: SetupFacts, { hasDelivered }: Reached): SetupStep {
  const { docs, portal } = definition
  const done = env === 'simulator' || hasDelivered
  return step({ name: 'events', title: 'Choose the events', where: docs.portal, notes: portal.events, done })
}

function secretSteps({ definition, name, env, facts }: SetupFacts): SetupStep[] {
  const brought = broughtSecret(definition)
  const proving = signingSecrets(definition)
  return laterSecrets(definition).map(secret => {
    const { label = secret, where = null } = definition.secrets[secret] ?? {}
    const isBrought = secret === brought
    const why = proving.includes(secret) ? `, by which it knows that events are ${definition.company}’s` : ''
    return step({
      name: 'secret',
      title: isBrought ? `Take the ${label}, which comes to whs by itself${why}` : `Give whs the ${label}${why}`,
      where,
      notes: isBrought ? ['whs keeps it and shows it once, so that you can paste it there'] : [],
      command: isBrought ? `whs activations add ${name}` : `whs app set ${name} ${secretFlag(secret)}`,
      done: env === 'simulator' || (facts?.secrets.some(one => one.name === secret && one.keys.length > 0) ?? false),
    })
  })
}

function consentStep({ definition, name }: SetupFacts, { isConnected }: Reached): SetupStep {
  const asks = definition.ask ?? []
  const set = asks.map(ask => ` --set ${ask.name}=${ask.example}`).join('')
  const account = mustBeNamed(definition) ? ` --account '<${definition.accounts[0]?.word}>'` : ''
  return step({
    name: 'consent',
    title: `Let ${withArticle(definition.accounts[0]?.noun ?? 'tenant')} authorise your app`,
    notes: asks.map(({ label, example }) => `the ${label} must be known before, such as ${example}`),
    command: `whs connect ${name} --tenant acme${set}${account}`,
    done: isConnected,
  })
}

/** One hook a tenant or resource. At the simulator `activations add` makes it there too. */
function hooksStep({ definition, name, env, callback }: SetupFacts, { hooks, hasDelivered }: Reached): SetupStep {
  const { activation, portal, secrets } = definition
  const { label, where } = portal.callbackUrl
  const isKeyed = activation.keyed === true
  const unit = activation.per === 'resource' ? (activation.noun ?? 'resource') : 'tenant'
  const secret = hookSecret(definition)
  const word = secret === null ? null : (secrets[secret]?.label ?? secret)
  const shown = isKeyed ? '<the URL that whs activations add prints>' : (callback ?? '<that URL>')
  const isBrought = definition.webhook.handshakes?.some(({ brings }) => brings?.of === 'activation') ?? false
  const isWanted = secret !== null && activation.secret !== undefined && !secrets[secret]?.optional
  const withSecret = isWanted && !isBrought ? ' --secret -' : ''
  const kept = hooks.filter(({ state, tenant }) => state !== 'gone' && tenant !== null)
  return step({
    name: 'hooks',
    title: `Make a hook for each ${unit} (${activationText(activation)})`,
    where,
    fields: isKeyed ? [] : [{ label, value: callback }],
    notes:
      env === 'simulator'
        ? []
        : [
            ...portal.events,
            ...stepsOf(definition, shown),
            ...(isWanted ? [hookSecretText(isBrought ? 'brought' : activation.secret, word)] : []),
            ...(kept.length > 0 ? [`${kept.map(({ id }) => id).join(', ')} is kept here; nothing came by it yet`] : []),
          ],
    command:
      kept.length > 0
        ? 'whs activations'
        : `whs activations add ${name} --tenant acme${env === 'simulator' ? '' : withSecret}`,
    done: hasDelivered || hooks.some(hook => isMade(definition, env, hook)),
  })
}

/** Whether a hook exists at the provider, and not only here: it sent, or its secret could come from nowhere else. */
function isMade({ activation }: ProviderDefinition, env: Environment, hook: StoredActivation): boolean {
  if (hook.state !== 'active') return false
  return env === 'simulator' || hook.lastAt !== null || (activation.secret === 'given' && hook.secrets.length > 0)
}

function hookSecretText(from: 'given' | 'chosen' | 'brought' | undefined, word: string | null): string {
  if (from === 'brought') return `the ${word} comes to whs by itself, with the first request`
  return from === 'chosen'
    ? `choose the ${word} yourself, long and random, and give the same one to both`
    : `give whs the ${word} that each hook gets`
}

function deliveryStep({ definition, env, facts }: SetupFacts, { hasDelivered }: Reached): SetupStep {
  const page = facts?.settings.simulator ?? 'whs simulate'
  return step({
    name: 'delivery',
    title: `Change something in that ${definition.accounts[0]?.noun ?? 'tenant'}, and see the first event`,
    notes: env === 'simulator' ? [`the simulator’s page has buttons: ${page}`] : [],
    command: 'whs listen --forward 3000',
    done: hasDelivered,
  })
}
