import type { WhsError } from '../../core/errors.ts'
import { html } from '../../core/html.ts'
import type { Reply } from '../../net/door.ts'
import type { Asked } from '../answers/asked.ts'
import { accountOf, type Company } from '../companies.ts'
import type { World } from '../world.ts'
import { pageReply } from './page.ts'

/** Choose a company (or several), allow or refuse. The form goes to the very URL that was asked for. */
export function consentPage(world: World, { app, scopes }: Asked, choices: Company[], url: string): Reply {
  const { definition } = world
  const [kind] = definition.accounts
  const noun = kind?.noun ?? 'account'
  const many = definition.identity.items !== undefined
  const rows = choices.map((company, index) => {
    const account = accountOf(definition, company)
    return html`<label class="choice">
<input type="${many ? 'checkbox' : 'radio'}" name="account" value="${account}"${index === 0 ? html` checked` : ''}>
<span><b>${company.name}</b><code>${kind?.word ?? ''} ${account}</code></span></label>`
  })
  const asks =
    scopes.length === 0
      ? html`<p class="soft">The app <code>${app.clientId}</code> asks to be let in.</p>`
      : html`<p class="soft">The app <code>${app.clientId}</code> asks for:</p>
<ul>${scopes.map(scope => html`<li><code>${scope}</code></li>`)}</ul>`
  const body = html`<main>
<span class="chip">${definition.name} look-alike</span>
<h1>Let this app in?</h1>
${asks}
<form method="post" action="${url}">
<fieldset><legend>${many ? `Choose one ${noun} or several` : `Choose the ${noun}`}</legend>${rows}</fieldset>
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
