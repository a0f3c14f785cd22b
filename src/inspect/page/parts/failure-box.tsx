import type { Failure } from '../../api.ts'
import { NextStep } from './copy.tsx'
import { Sign } from './icons.tsx'
import { Text } from './text.tsx'

/** What may go by itself, so that another try is worth it. */
const mayPass = new Set(['away', 'http', 'fault', 'many-streams'])

/** What could not be done, why, and what to type next. */
export function FailureBox({ failure, onRetry }: { failure: Failure; onRetry?: () => void }) {
  const { what, why, next } = failure
  return (
    <div class="failure" role="alert">
      <Sign name="warn" />
      <div>
        <p>
          <Text value={what} />
        </p>
        {why && (
          <p class="soft">
            <Text value={why} />
          </p>
        )}
        {next && <NextStep text={next} />}
        {onRetry && mayPass.has(failure.code) && (
          <button type="button" class="button" onClick={onRetry}>
            Try again
          </button>
        )}
      </div>
    </div>
  )
}
