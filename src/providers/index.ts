import type { ProviderDefinition } from '../core/definition.ts'
import { airtable } from './airtable.ts'
import { asana } from './asana.ts'
import { bigcommerce } from './bigcommerce.ts'
import { calendly } from './calendly.ts'
import { discord } from './discord.ts'
import { docusign } from './docusign.ts'
import { dropbox } from './dropbox.ts'
import { github } from './github.ts'
import { gmail } from './gmail.ts'
import { gocardless } from './gocardless.ts'
import { googleCalendar } from './google-calendar.ts'
import { hubspot } from './hubspot.ts'
import { intercom } from './intercom.ts'
import { jira } from './jira.ts'
import { linear } from './linear.ts'
import { mailchimp } from './mailchimp.ts'
import { microsoftGraph } from './microsoft-graph.ts'
import { notion } from './notion.ts'
import { pipedrive } from './pipedrive.ts'
import { quickbooks } from './quickbooks.ts'
import { shopify } from './shopify.ts'
import { slack } from './slack.ts'
import { square } from './square.ts'
import { stripe } from './stripe.ts'
import { twilio } from './twilio.ts'
import { typeform } from './typeform.ts'
import { whatsapp } from './whatsapp.ts'
import { xero } from './xero.ts'
import { zendesk } from './zendesk.ts'
import { zoom } from './zoom.ts'

/** Every provider, in the order in which lists show them. `test/contract` holds this list to the folder. */
export const providers: readonly ProviderDefinition[] = [
  quickbooks,
  xero,
  stripe,
  shopify,
  square,
  bigcommerce,
  gocardless,
  hubspot,
  intercom,
  zendesk,
  pipedrive,
  calendly,
  typeform,
  docusign,
  mailchimp,
  twilio,
  whatsapp,
  slack,
  github,
  jira,
  linear,
  asana,
  notion,
  airtable,
  zoom,
  microsoftGraph,
  googleCalendar,
  gmail,
  dropbox,
  discord,
]

/** The provider that `whs demo` plays. */
export const demoProvider: ProviderDefinition = quickbooks

/** The definition of an id, if there is one. */
export function providerOf(id: string): ProviderDefinition | undefined {
  return providers.find(definition => definition.id === id)
}
