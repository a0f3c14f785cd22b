import type { Environment, ProviderDefinition } from '../core/definition.ts'
import { broughtSecret, hookSecret } from '../core/hook-secret.ts'
import type { StoredActivation } from '../store/activation-ops.ts'
import { stepsOf } from './activations.ts'
import { apiScope } from './hooks-wanted.ts'
import { activationText } from './provider-facts.ts'
import { type Reached, type SetupFacts, type SetupStep, step } from './setup-step.ts'

/** Where the one hook of an app sends: pasted by a person, or said by a call. */
export function callbackStep(given: SetupFacts, reached: Reached): SetupStep {
  const { definition, name, env, callback } = given
  if (apiScope(definition) === 'app') return apiStep('callback', given, reached)
  const { label, where } = definition.portal.callbackUrl
  const listen = callback === null ? 'whs listen' : null
  return step({
    name: 'callback',
    title: 'Say where events go',
    where,
    fields: [{ label, value: callback }],
    notes: stepsOf(definition, callback ?? '<that URL>'),
    command: broughtSecret(definition) === null ? listen : `whs activations add ${name}`,
    done: env === 'simulator' || reached.isReached,
  })
}

const shownLater = '<the URL that whs activations add prints>'

/** What the provider's API does, and how a person would. Where its call sets no URL, a person must. */
function apiStep(name: 'callback' | 'hooks', given: SetupFacts, { hooks, hasDelivered }: Reached): SetupStep {
  const { definition, callback } = given
  const { activation, portal, company } = definition
  const scope = apiScope(definition)
  const unit = scope === 'resource' ? (activation.noun ?? 'resource') : 'tenant'
  const setsUrl = JSON.stringify(activation.api?.create).includes('{callback}')
  // Where nothing but a call makes one, there is no page to show.
  const hasPage = activation.by !== 'api' || !setsUrl
  const isKeyed = activation.keyed === true
  const { label, where } = portal.callbackUrl
  return step({
    name,
    title: scope === 'app' ? `Have the hook made at ${company}` : `Have a hook made for each ${unit}`,
    where: hasPage ? where : null,
    fields: hasPage && !isKeyed ? [{ label, value: callback }] : [],
    notes: [
      `${company}’s API makes it${setsUrl ? ' with today’s URL' : ''}; whs listen keeps it alive${setsUrl ? ' and moves it to a new URL' : ''}`,
      ...(hasPage
        ? [setsUrl ? 'or by hand:' : 'and by hand:', ...stepsOf(definition, isKeyed ? shownLater : callback)]
        : []),
    ],
    command: `whs activate ${given.name}${scope === 'app' ? '' : ' --tenant acme'}`,
    done: hasDelivered || hooks.some(({ madeBy, state }) => madeBy === 'api' && state === 'active'),
  })
}

/** One hook a tenant or resource. At the simulator `activations add` makes it there too. */
export function hooksStep(given: SetupFacts, reached: Reached): SetupStep {
  const { definition, name, env, callback } = given
  const { hooks, hasDelivered } = reached
  if (apiScope(definition) !== null) return apiStep('hooks', given, reached)
  const { activation, portal, secrets } = definition
  const { label, where } = portal.callbackUrl
  const isKeyed = activation.keyed === true
  const unit = activation.per === 'resource' ? (activation.noun ?? 'resource') : 'tenant'
  const secret = hookSecret(definition)
  const word = secret === null ? null : (secrets[secret]?.label ?? secret)
  const shown = isKeyed ? shownLater : (callback ?? '<that URL>')
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
