import type { Now } from '../../api.ts'
import type { Condition } from '../pure/place.ts'
import { queryToken } from '../pure/query-text.ts'
import { Command } from './copy.tsx'
import { Mark } from './icons.tsx'
import { Text } from './text.tsx'

/** What to do where the list has nothing. */
export function EmptyList({ facts, conditions, onClear }: { facts: Now; conditions: Condition[]; onClear(): void }) {
  if (conditions.length > 0) return <NoMatch conditions={conditions} facts={facts} onClear={onClear} />
  const { whs, apps, listener, tenants } = facts
  const [app] = apps
  if (!app) {
    return (
      <Empty
        title="No app yet"
        lead="An app is your OAuth App at a provider. whs walks you through it, from nothing to the first event."
      >
        <Command text={`${whs} setup <provider>`} />
        <Command text={`${whs} providers`} />
        <p class="soft">or see the whole loop with no account, on a simulator:</p>
        <Command text={`${whs} demo`} />
      </Empty>
    )
  }
  if (!listener) {
    return (
      <Empty title="Nobody listens" lead="No events yet. They come in while this runs in a terminal:">
        <Command text={`${whs} listen --forward 3000`} />
      </Empty>
    )
  }
  if (tenants.length === 0) {
    return (
      <Empty title="No tenant yet" lead={`${app.providerName} sends events once a customer has authorised your app.`}>
        <Command text={`${whs} connect ${app.name} --tenant acme`} />
      </Empty>
    )
  }
  return (
    <Empty
      title="Waiting for the first event"
      lead={`Change something at ${app.providerName}, or send a sample that is signed as theirs are:`}
    >
      <Command text={`${whs} trigger ${app.name} --tenant ${tenants[0]}`} />
      {app.callbackUrl && (
        <>
          <p class="soft">{app.callbackField} in the portal:</p>
          <Command text={app.callbackUrl} label="Copy the callback URL" />
        </>
      )}
    </Empty>
  )
}

function NoMatch({ conditions, facts, onClear }: { conditions: Condition[]; facts: Now; onClear(): void }) {
  const isWaiting = facts.listener !== null
  return (
    <Empty
      title="Nothing fits"
      lead={
        isWaiting
          ? 'New events that fit will appear here by themselves.'
          : 'No stored event passes all of these filters:'
      }
    >
      <p class="clip">
        {conditions.map(condition => (
          <code class="token">
            <Text value={queryToken(condition)} />
          </code>
        ))}
      </p>
      <button type="button" class="button" onClick={onClear}>
        Clear the filters
      </button>
    </Empty>
  )
}

function Empty({ title, lead, children }: { title: string; lead: string; children: preact.ComponentChildren }) {
  return (
    <div class="empty">
      <Mark />
      <h2>{title}</h2>
      <p class="soft">{lead}</p>
      {children}
    </div>
  )
}
