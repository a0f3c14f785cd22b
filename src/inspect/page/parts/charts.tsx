import { countText, durationText } from '../pure/words.ts'

const high = 28

/** Events over time: a bar for each half hour. */
export function EventsChart({ counts }: { counts: number[] }) {
  const most = Math.max(1, ...counts)
  const all = counts.reduce((sum, one) => sum + one, 0)
  const label = `${countText(all, 'event')} in ${counts.length / 2} hours`
  return (
    <figure class="chart">
      <svg
        viewBox={`0 0 ${counts.length * 4} ${high}`}
        role="img"
        aria-label={`${label}, at most ${most} in half an hour`}
        preserveAspectRatio="none"
      >
        {counts.map((count, index) => {
          const tall = count === 0 ? 1 : Math.max(3, (count / most) * high)
          return (
            <rect
              class={count === 0 ? 'none' : 'some'}
              x={index * 4}
              y={high - tall}
              width="3"
              height={tall}
              rx="0.5"
            />
          )
        })}
      </svg>
      <figcaption>
        <span>{label}</span>
      </figcaption>
    </figure>
  )
}

/** The handler's answer times, oldest first; their height is by the square root, so that quick ones are seen beside slow ones. */
export function AnswersChart({ times }: { times: number[] }) {
  if (times.length === 0) {
    return (
      <figure class="chart">
        <div class="chart-none" />
        <figcaption>
          <span>no answer yet</span>
        </figcaption>
      </figure>
    )
  }
  const most = Math.max(1, ...times)
  const sorted = times.toSorted((left, right) => left - right)
  const part = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number
  const label = `median ${durationText(part(0.5))}, 95 % within ${durationText(part(0.95))}`
  const wide = Math.max(48, times.length) * 4
  return (
    <figure class="chart answers">
      <svg viewBox={`0 0 ${wide} ${high}`} role="img" aria-label={`Answer times: ${label}`} preserveAspectRatio="none">
        {times.map((ms, index) => {
          const tall = Math.max(2, Math.sqrt(ms / most) * high)
          return <rect x={wide - (times.length - index) * 4} y={high - tall} width="3" height={tall} rx="0.5" />
        })}
      </svg>
      <figcaption>
        <span>{label}</span>
      </figcaption>
    </figure>
  )
}
