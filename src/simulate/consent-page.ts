import type { WhsError } from '../core/errors.ts'
import { html } from '../core/html.ts'
import type { Reply } from '../net/door.ts'
import type { SimulatedApp } from './apps.ts'
import { accountOf } from './companies.ts'
import { pageReply } from './page.ts'
import type { World } from './world.ts'

/** Choose a company, allow or refuse. The form goes to the very URL that was asked for. */
export function consentPage(world: World, app: SimulatedApp, scopes: string[], url: string): Reply {
  const { definition, companies } = world
  const [kind] = definition.accounts
  const noun = kind?.noun ?? 'account'
  const choices = companies.map(
    (company, index) => html`<label class="choice">
<input type="radio" name="account" value="${accountOf(definition, company)}"${index === 0 ? html` checked` : ''}>
<span><b>${company.name}</b><code>${kind?.word ?? ''} ${accountOf(definition, company)}</code></span></label>`,
  )
  const body = html`<main>
<span class="chip">${definition.name} look-alike</span>
<h1>Let this app into your ${noun}?</h1>
<p class="soft">The app <code>${app.clientId}</code> asks for:</p>
<ul>${scopes.map(scope => html`<li><code>${scope}</code></li>`)}</ul>
<form method="post" action="${url}">
<fieldset><legend>Choose a ${noun}</legend>${choices}</fieldset>
<div class="decide"><button name="decision" value="refuse">Refuse</button><button class="main" name="decision" value="allow">Allow</button></div>
</form>
<p class="foot">This is no page of ${definition.company}. Nobody signs in here; at the real ${definition.name} your customer
would, with a password that only ${definition.company} sees.</p>
</main>`
  return pageReply({ status: 200, width: 'narrow', title: `Consent · ${definition.name} look-alike`, body })
}

/** A request for consent that is not in order: a person sees it, the app does not (RFC 6749 §4.1.2.1). */
export function refusedPage({ definition }: World, fault: WhsError): Reply {
  const body = html`<main>
<span class="chip bad">${definition.name} look-alike</span>
<h1>The app’s request is not in order</h1>
<p>${fault.message}.</p>
<p class="soft">${fault.why ?? ''}</p>
<p class="foot">At the real ${definition.name} the person would see an error page as well, and nothing would come back to the app.</p>
</main>`
  return pageReply({ status: 400, width: 'narrow', title: `Error · ${definition.name} look-alike`, body })
}
