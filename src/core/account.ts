import type { Normaliser } from './definition.ts'

/** An account as the store knows it within one app. */
export interface Account {
  kind: string
  value: string
}

/** The one spelling under which an account is stored and looked up. Undefined where the value cannot be one. */
export function normaliseAccount(how: Normaliser, value: string): string | undefined {
  const text = value.trim()
  // Half a surrogate pair is no character, and every one of them would be stored as the same U+FFFD.
  if (text === '' || text.length > 512 || /\p{Surrogate}/u.test(text)) return undefined
  switch (how) {
    case 'text':
      return text
    case 'lower':
      // The Kelvin sign has a lower case too, and that is k.
      return text.replace(/[A-Z]+/g, letters => letters.toLowerCase())
    case 'email':
      return text.toLowerCase()
    case 'digits':
      return text.replace(/\D/g, '') || undefined
    case 'origin':
      return originOf(text)
  }
}

function originOf(text: string): string | undefined {
  try {
    const url = new URL(text.includes('://') ? text : `https://${text}`)
    return url.host.toLowerCase() || undefined
  } catch {
    return undefined
  }
}

const tenantPattern = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/

export function isTenantId(text: string): boolean {
  return tenantPattern.test(text)
}

/** A tenant id made from an account's name: `Acme Holdings, Inc.` → `acme-holdings-inc`. */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48)
    .replace(/-+$/, '')
  return slug || 'tenant'
}

const appPattern = /^[a-z0-9][a-z0-9-]{0,62}$/

export function isAppName(text: string): boolean {
  return appPattern.test(text)
}
