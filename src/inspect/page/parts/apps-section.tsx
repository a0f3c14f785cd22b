import type { Now } from '../../api.ts'
import { countText } from '../pure/words.ts'
import type { Go } from '../state/use-place.ts'
import { Tag } from './chips.tsx'
import { Command, CopyButton } from './copy.tsx'
import { Clip, Text } from './text.tsx'

/** The OAuth Apps, and what is to be pasted into their portals. */
export function AppsSection({ facts, go }: { facts: Now; go: Go }) {
  const { apps, whs } = facts
  return (
    <section aria-labelledby="apps-title">
      <div class="section-line">
        <h2 id="apps-title">Apps</h2>
        <span class="soft">Your OAuth Apps and the URL that each provider sends to.</span>
      </div>
      {apps.length === 0 ? (
        <div class="empty small">
          <p>No app yet.</p>
          <Command text={`${whs} setup <provider>`} />
        </div>
      ) : (
        <ul class="rows boxed apps">
          {apps.map(({ name, providerName, env, callbackUrl, callbackField, tenants }) => (
            <li key={name}>
              <span class="app-name">
                <button
                  type="button"
                  class="button link"
                  onClick={() => go({ view: 'events', conditions: [{ name: 'app', value: name }] })}
                >
                  <Clip value={name} />
                </button>
                <Clip class="soft" value={providerName} />
                <Tag tone={env === 'production' ? 'warn' : 'plain'}>{env}</Tag>
              </span>
              <span class="soft number">{countText(tenants, 'tenant')}</span>
              <span class="callback">
                {callbackUrl === null ? (
                  <span class="faint">its URL is known while whs listens</span>
                ) : (
                  <>
                    <span class="faint">{callbackField}</span>
                    <code class="clip">
                      <Text value={callbackUrl} />
                    </code>
                    <CopyButton text={callbackUrl} label={`Copy the callback URL of ${name}`} />
                  </>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
