import type { EventView } from '../../api.ts'
import { bytesText, hueOf } from '../pure/words.ts'
import { CopyButton } from './copy.tsx'
import { Text } from './text.tsx'

/** The request line and the headers, in the order in which they came. */
export function HeadersTab({ view }: { view: EventView }) {
  const { request, explanation, row } = view
  const hue = row.tenant === null ? 'nobody' : `hue-${hueOf(row.tenant)}`
  const named = explanation.header?.name.toLowerCase()
  const all = request.headers.map(([name, value]) => `${name}: ${value}`).join('\n')
  return (
    <>
      <div class="body-line">
        <code class="request-line">
          <b>
            <Text value={request.method} />
          </b>{' '}
          <Text value={request.path} />
          <span class="faint">
            {' '}
            {bytesText(request.bytes)}, answered {request.status}
          </span>
        </code>
        <CopyButton text={all} label="Copy all headers" />
      </div>
      <table class="pairs">
        <tbody>
          {request.headers.map(([name, value]) => (
            <tr>
              <th scope="row">
                <Text value={name} />
              </th>
              <td>
                {named !== undefined && name.toLowerCase() === named ? (
                  <mark class={`named ${hue}`}>
                    <Text value={value} />
                  </mark>
                ) : (
                  <Text value={value} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {request.headers.length === 0 && <p class="faint">It came without a request.</p>}
    </>
  )
}
