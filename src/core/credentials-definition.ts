import type { FieldPlace, Identity, ProviderDefinition } from './definition.ts'
import type { OAuth } from './oauth-definition.ts'

/** A key that a person makes at the provider in place of a consent, or where there is none. Calls carry it as `{token}`. */
export interface Credentials {
  /** What it is called there, and where it is made. */
  key: FieldPlace
  /** Where its accounts come from, where that is not what a consent's do: an API's answer, or what is asked and then proved. */
  identity?: Identity
}

/** What a definition says of OAuth that has none. */
const noOAuth: OAuth = {
  kind: 'none',
  authorizeUrl: '',
  scopes: [],
  scopeSeparator: ' ',
  pkce: 'none',
  clientAuth: 'post',
  refresh: { kind: 'none' },
  accessSeconds: null,
  redirect: {},
}
const nowhere: FieldPlace = { label: 'none', where: 'there is none' }

/** A definition as a person writes it: without `oauth`, where a key stands in its place. */
export type WrittenDefinition = Omit<ProviderDefinition, 'oauth' | 'portal'> & {
  oauth?: OAuth
  portal: Partial<ProviderDefinition['portal']> & Pick<ProviderDefinition['portal'], 'callbackUrl' | 'events'>
}

/** The definition whole. */
export function wholeDefinition(written: WrittenDefinition): ProviderDefinition {
  const { oauth = noOAuth, portal, ...rest } = written
  if (oauth.kind !== 'none') return written as ProviderDefinition
  return { ...rest, oauth, portal: { clientId: nowhere, redirectUri: nowhere, ...portal } }
}

/** Whether tenants come by a key alone, so that an app has neither client id nor redirect URI. */
export function isKeyOnly({ oauth }: Pick<ProviderDefinition, 'oauth'>): boolean {
  return oauth.kind === 'none'
}

/** Where the accounts of a key come from. */
export function keyIdentity({ credentials, identity }: ProviderDefinition): Identity {
  return credentials?.identity ?? identity
}
