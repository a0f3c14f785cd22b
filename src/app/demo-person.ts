import type { HttpCall } from '../net/call.ts'

/**
 * Does what a person does with a link: opens it, continues, chooses the account at the simulator and allows. Through the
 * same pages, over HTTP.
 * @throws Error where a page is not the expected one
 */
export async function consentAsPerson(http: HttpCall, link: string, account: string): Promise<void> {
  const origin = new URL(link).origin
  const sameSite = { origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }
  const page = await http({ method: 'GET', url: link })
  const begun = await http({
    method: 'POST',
    url: link,
    headers: { ...sameSite, cookie: cookiesOf(page.headers) },
    body: '',
  })
  const cookie = [cookiesOf(page.headers), cookiesOf(begun.headers)].filter(Boolean).join('; ')
  const consent = locationOf(begun)
  const allowed = await http({
    method: 'POST',
    url: consent,
    headers: { 'content-type': sameSite['content-type'] },
    body: new URLSearchParams({ decision: 'allow', account }).toString(),
  })
  const back = await http({ method: 'GET', url: locationOf(allowed), headers: { cookie } })
  if (back.status !== 200) throw new Error(`the callback was answered ${back.status}`)
}

function cookiesOf(headers: Record<string, string>): string {
  return headers['set-cookie']?.split(';')[0] ?? ''
}

function locationOf({ status, headers }: { status: number; headers: Record<string, string> }): string {
  if (!headers.location) throw new Error(`a page answered ${status} and led nowhere`)
  return headers.location
}
