import type { SecretCandidate } from './keyring.ts'
import type { Key } from './webhook-definition.ts'

export type RejectReason =
  | 'method'
  | 'no-secret'
  | 'missing-header'
  | 'doubled-header'
  | 'malformed-header'
  | 'wrong-secret'
  | 'wrong-token'
  | 'unknown-key'
  | 'body-changed'
  | 'too-old'
  | 'too-new'
  | 'refused-handshake'

export interface Verified {
  verified: true
  /** `signature` covers the body, `token` proves the sender alone. */
  by: 'signature' | 'token'
  /** Which of the definition's schemes. */
  scheme: number
  /** The URL that was signed, where the scheme signs one. */
  url: string | null
  secretId: number | null
  activation: number | null
  /** Each item has to bring its own token: nothing is proved so far. */
  perItem?: true
}
export type Verdict =
  | Verified
  | {
      verified: false
      reason: RejectReason
      detail: string
      /** Something that only a secret which is not stored could prove. */
      unproved?: true
    }
  | { verified: false; reason: 'needs-key'; url: string; keyId: string; detail: string }

export type Refused = Exclude<Verdict, Verified>
/** A verdict for a secret; of an activation, its id is kept. */
export function accepted(
  scheme: number,
  by: 'signature' | 'token',
  secret: SecretCandidate | null,
  activation: number | null = secret?.activation?.id ?? null,
): Verified {
  return { verified: true, by, scheme, url: null, secretId: secret?.id ?? null, activation }
}

/** A verdict against. */
export function refused(reason: RejectReason, detail: string): Refused {
  return { verified: false, reason, detail }
}

/** That no secret is stored which a key could be; `came` where there is something that it would have to prove. */
export function noSecretFor({ secret, of }: Key, came: boolean): Refused {
  const detail = of === 'activation' ? 'no secret of this hook is stored' : `no ${secret} secret is stored yet`
  return { verified: false, reason: 'no-secret', detail, ...(came ? { unproved: true } : {}) }
}
