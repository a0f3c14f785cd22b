import { type Html, html } from '../../core/html.ts'
import type { Hook } from '../hooks.ts'
import type { World } from '../world.ts'

/** A hook with its URL, when it ends, and a button that removes it. */
export function hookRow({ definition }: World, { id, url, resource, expiresAt }: Hook): Html {
  const end =
    expiresAt === null ? '' : ` · ends ${new Date(expiresAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return html`<div><code>${url ?? 'the app’s URL'}</code><span class="soft small">${resource ?? id}${end}</span>
<form class="row" method="post" action="/${definition.id}/act"><button name="unhook" value="${id}">Remove</button></form></div>`
}
