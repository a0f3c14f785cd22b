import { needsPublicRedirect } from '../connect/redirect.ts'
import { mustBeNamed } from '../connect/wish.ts'
import { isKeyOnly } from '../core/credentials-definition.ts'
import type { FieldPlace, ProviderDefinition, SecretName } from '../core/definition.ts'
import { broughtSecret, hookSecret } from '../core/hook-secret.ts'
import { signingSecrets } from '../core/scheme-text.ts'
import { secretFlag } from '../core/secret-flag.ts'
import { secretNames } from './app-draft.ts'
import { hasSecret } from './app-facts.ts'
import { apiScope } from './hooks-wanted.ts'
import { withArticle } from './provider-facts.ts'
import { callbackStep, hooksStep } from './setup-hooks.ts'
import { type Reached, type SetupFacts, type SetupStep, step } from './setup-step.ts'

/**
 * The steps for an app in the order of its portal: a secret before what the portal tests with it. Where each tenant has a
 * hook of its own, it comes after the consent.
 */
export function setupSteps(given: SetupFacts, reached: Reached): SetupStep[] {
  const { activation, portal } = given.definition
  const isShared = (apiScope(given.definition) ?? activation.per) === 'app'
  return [
    keysStep(given),
    ...(isKeyOnly(given.definition) ? [] : [redirectStep(given, reached)]),
    ...(isShared ? [callbackStep(given, reached)] : []),
    ...secretSteps(given, reached),
    ...(portal.events.length > 0 ? [eventsStep(given, reached)] : []),
    consentStep(given, reached),
    ...(isShared ? [] : [hooksStep(given, reached)]),
    deliveryStep(given, reached),
  ]
}

function keysStep({ definition, name, env, facts }: SetupFacts): SetupStep {
  const { portal, secrets, settings = {}, docs, company, id } = definition
  const keys = keySecrets(definition)
  const wanted = Object.values(settings).filter(({ optional }) => !optional)
  const own = isKeyOnly(definition) ? [] : [portal.clientId]
  const places = [...own, ...wanted, ...keys.flatMap(key => secrets[key] ?? [])]
  const hasKeys =
    facts !== null &&
    (facts.clientId !== null || isKeyOnly(definition)) &&
    keys.every(key => hasSecret(facts, key)) &&
    Object.entries(settings).every(([setting, { optional }]) => optional || facts.settings[setting] !== undefined)
  const named = name === id ? '' : ` --app ${name}`
  const set = [...own.map(() => '--client-id <id>'), ...keys.map(secretFlag)].join(' ')
  const isSimulated = env === 'simulator'
  return step({
    name: 'keys',
    title: isSimulated
      ? 'Register an app at the simulator'
      : `Make an app at ${company} (${docs.portal}) and give whs its ${env} keys`,
    notes: isSimulated ? ['whs simulate has to run in another terminal'] : placeTexts(places),
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

/** `Client ID and Client Secret: My Apps > your app`, one text for each place. */
function placeTexts(places: FieldPlace[]): string[] {
  const labels = new Map<string, string[]>()
  for (const { label, where } of places) labels.set(where, [...(labels.get(where) ?? []), label])
  return [...labels].map(([where, words]) => `${listText(words)}: ${where}`)
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

function eventsStep({ definition, env }: SetupFacts, { hasDelivered }: Reached): SetupStep {
  const done = env === 'simulator' || hasDelivered
  return step({ name: 'events', title: 'Do what else is needed for events', notes: definition.portal.events, done })
}

function secretSteps({ definition, name, env, facts }: SetupFacts, { isReached }: Reached): SetupStep[] {
  const brought = broughtSecret(definition)
  const proving = signingSecrets(definition)
  return laterSecrets(definition).map(secret => {
    const { label = secret, where = null } = definition.secrets[secret] ?? {}
    const isBrought = secret === brought
    const why = proving.includes(secret) ? `, by which it knows that events are ${definition.company}’s` : ''
    const done = env === 'simulator' || (facts !== null && hasSecret(facts, secret))
    return step({
      name: 'secret',
      title: isBrought ? `Take the ${label}, which comes to whs by itself${why}` : `Give whs the ${label}${why}`,
      where: isBrought ? null : where,
      notes: isBrought ? [`it is ${where}; whs keeps it and shows it here once, for you to paste`] : [],
      command: isBrought ? `whs activations add ${name}` : `whs app set ${name} ${secretFlag(secret)}`,
      done,
      // It may have come, and not have been pasted yet.
      again: isBrought && !isReached ? `whs env ${name} --show` : null,
    })
  })
}

function consentStep({ definition, name }: SetupFacts, { isConnected }: Reached): SetupStep {
  const asks = definition.ask ?? []
  const set = asks.map(ask => ` --set ${ask.name}=${ask.example}`).join('')
  const account = mustBeNamed(definition) ? ` --account '<${definition.accounts[0]?.word}>'` : ''
  const key = isKeyOnly(definition) ? (definition.credentials?.key ?? null) : null
  return step({
    name: 'consent',
    title: key
      ? `Give whs a tenant’s ${key.label}`
      : `Let ${withArticle(definition.accounts[0]?.noun ?? 'tenant')} authorise your app`,
    where: key?.where ?? null,
    notes: asks.map(({ label, example }) => `the ${label} must be known before, such as ${example}`),
    command: `whs connect ${name} --tenant acme${set}${account}${key ? ' --key -' : ''}`,
    done: isConnected,
  })
}

function deliveryStep({ definition, env, facts }: SetupFacts, { hasDelivered }: Reached): SetupStep {
  const page = facts?.settings.simulator ?? 'whs simulate'
  return step({
    name: 'delivery',
    title: `Let something happen at ${definition.company}, and see the first event`,
    notes: env === 'simulator' ? [`the simulator’s page has buttons: ${page}`] : [],
    command: 'whs listen --forward 3000',
    done: hasDelivered,
  })
}
