import { type Budget, diagnoseSigned, type Tried } from './diagnose-signed.ts'
import { diagnoseToken } from './diagnose-token.ts'
import { type Diagnosis, type Finding, type Match, proved, type Suspicion, secretText } from './diagnosis.ts'
import { headerFault } from './header-fault.ts'
import type { RawHeaders } from './headers.ts'
import { schemeName } from './scheme-text.ts'
import { isSigning } from './sign.ts'
import { bytesText, countText } from './text.ts'
import type { Refused } from './verdict.ts'
import { untrusted, verifyDelivery } from './verify.ts'
import type { Scheme } from './webhook-definition.ts'

const mostHashed = 256 * 1_048_576

/**
 * Why a request did not verify. It tries what could have happened: another app's or environment's secret, a secret read
 * wrongly, a body that was written anew, another URL, time or way of writing the signature; and names what makes the
 * signature match when it is computed again. What only stands in the request is told as `seen`, and nothing is guessed.
 * `most`: so many bytes are hashed, what is likely first.
 */
export function diagnose(suspicion: Suspicion, most = mostHashed): Diagnosis {
  const { request, app } = suspicion
  const verdict = verifyDelivery(app.definition, request, app.keyring)
  const isWhole = request.bytes === request.body.length
  const whole = verdict.verified ? (verdict.perItem ? null : verifiesNow(suspicion)) : verifiesElsewhere(suspicion)
  if (whole) return { ...whole, tried: [], complete: true }
  const context = untrusted(app.definition, request)
  const budget: Budget = { bytes: most }
  const token = diagnoseToken(suspicion, context)
  const signed = diagnoseSigned(suspicion, context, budget)
  const match = nearer(signed.match, token)
  const seen = verdict.verified ? [] : seenFindings(suspicion, verdict, match !== null)
  if (match && match.findings.length > 0) {
    return { findings: [...match.findings, ...seen], evidence: match.evidence, tried: [], complete: true }
  }
  // Where no signature can be read, none was held against anything.
  const isUnread = seen.some(({ cause }) => cause === 'missing' || cause === 'malformed')
  const tried = isUnread ? [] : triedTexts(suspicion, signed.tried)
  return { findings: seen, evidence: null, tried, complete: isWhole && budget.bytes > 0 }
}

function nearer(left: Match | null, right: Match | null): Match | null {
  if (!left || !right) return left ?? right
  return right.findings.length < left.findings.length ? right : left
}

/** What was rejected for want of something that is there by now. */
function verifiesNow({ app }: Suspicion): Match {
  const text = `with what ${app.name} knows now it verifies: its secret or URL was not known yet when it came`
  return { findings: [proved('verifies-now', text)], evidence: 'it was verified again, as of its arrival' }
}

/** Whether it is, whole, a delivery of another app that is known here. */
function verifiesElsewhere({ request, app, others }: Suspicion): Match | null {
  for (const other of others) {
    const verdict = verifyDelivery(other.definition, request, other.keyring)
    const scheme = verdict.verified ? other.definition.webhook.verify[verdict.scheme] : undefined
    if (!verdict.verified || verdict.perItem || !scheme || scheme.scheme === 'url-key') continue
    const whose = `${other.name} (${other.definition.name}, ${other.env})`
    const text = `it is signed as a delivery of ${whose}, and came to the callback URL of ${app.name} (${app.env})`
    const secret = other.secrets.find(({ id }) => id === verdict.secretId)
    const by = secret ? secretText(other, secret) : `what ${other.name} knows`
    const evidence = `it verifies whole, ${schemeName(scheme)} by ${by}`
    return { findings: [proved('other-app', text)], evidence }
  }
  return null
}

/** What can be seen of it without computing anything. */
function seenFindings({ request, app }: Suspicion, verdict: Refused, isExplained: boolean): Finding[] {
  const found: Finding[] = []
  if (request.bytes > request.body.length && !isExplained) {
    const kept = `${bytesText(request.body.length)} of ${bytesText(request.bytes)}`
    found.push({
      cause: 'truncated',
      certainty: 'seen',
      text: `only ${kept} were kept, so that what covers the body cannot be computed`,
    })
  }
  if (isExplained) return found
  const { reason, detail } = verdict
  const fault = decidingFault(app.definition.webhook.verify, request.headers)
  if (reason === 'no-secret') found.push({ cause: 'no-secret', certainty: 'seen', text: `${detail} for ${app.name}` })
  else if (reason === 'doubled-header') found.push({ cause: reason, certainty: 'seen', text: detail })
  else if (fault) found.push({ cause: fault.isMissing ? 'missing' : 'malformed', certainty: 'seen', text: fault.text })
  else if (reason !== 'wrong-secret' && reason !== 'wrong-token')
    found.push({ cause: causes[reason] ?? 'other', certainty: 'seen', text: detail })
  return found
}

const causes: { [reason in Refused['reason']]?: Finding['cause'] } = {
  'missing-header': 'missing',
  'malformed-header': 'malformed',
  'unknown-key': 'other-hook',
}

/** What is wrong with the header of the scheme that decides: the first whose header came, else the first. */
function decidingFault(all: Scheme[], headers: RawHeaders): ReturnType<typeof headerFault> {
  const faults = all.filter(isSigning).map(scheme => headerFault(scheme, headers))
  return faults.some(fault => !fault?.isMissing)
    ? (faults.find(fault => !fault?.isMissing) ?? null)
    : (faults[0] ?? null)
}

/** What was computed and did not match, in few words. */
function triedTexts({ app, others }: Suspicion, tried: Tried): string[] {
  const names = [app, ...others].map(one => one.name)
  const apps = names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more apps` : names.join(', ')
  const more = [
    [tried.readings, 'other reading of a secret', 'other readings of a secret'],
    [tried.bodies, 'other form of the body', 'other forms of the body'],
    [tried.urls, 'other URL', 'other URLs'],
    [tried.signatures, 'other reading of the headers', 'other readings of the headers'],
  ] as const
  return [
    `the secrets of ${apps}`,
    ...more.flatMap(([count, one, many]) => (count > 0 ? [countText(count, one, many)] : [])),
  ]
}
