import type { RecordView } from '../../api.ts'
import { momentText } from '../pure/words.ts'
import { BodyLine, BodyOf } from './body.tsx'
import { Tag } from './chips.tsx'
import { FailureBox } from './failure-box.tsx'

/** The changed thing itself, as the provider's API gave it, or why it could not be fetched. */
export function RecordTab({ record }: { record: RecordView }) {
  const { at, status, deleted, body, failure, nextAt } = record
  return (
    <>
      <BodyLine body={body} bytes={new TextEncoder().encode(body.text).length}>
        <span class="soft">
          {momentText(at)}
          {status !== null && `, the API answered ${status}`}
          {nextAt !== null && `, again ${momentText(nextAt)}`}
        </span>
        {deleted && <Tag tone="warn">deleted</Tag>}
      </BodyLine>
      {failure && <FailureBox failure={failure} />}
      {body.text !== '' && <BodyOf body={body} />}
    </>
  )
}
