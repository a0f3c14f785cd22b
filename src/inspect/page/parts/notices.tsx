import { dismiss, useNotices } from '../state/notices.ts'
import { NextStep } from './copy.tsx'
import { Sign } from './icons.tsx'
import { Text } from './text.tsx'

/** The short messages at the edge of the page, which screen readers say too. */
export function Notices() {
  const notices = useNotices()
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.map(({ id, kind, text, why, next }) => (
        <div key={id} class={`notice ${kind}`}>
          <div class="notice-words">
            <p>
              <Text value={text} />
            </p>
            {why && (
              <p class="soft">
                <Text value={why} />
              </p>
            )}
            {next && <NextStep text={next} />}
          </div>
          <button type="button" class="button bare" aria-label="Close this message" onClick={() => dismiss(id)}>
            <Sign name="close" />
          </button>
        </div>
      ))}
    </div>
  )
}
