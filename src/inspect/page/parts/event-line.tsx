import type { EventRow } from '../../api.ts'
import { clockText, momentText } from '../pure/words.ts'
import { Answer } from './answer.tsx'
import { Tag, TenantChip } from './chips.tsx'
import { Clip } from './text.tsx'

export interface LineProps {
  row: EventRow
  place: number
  top: number
  isHere: boolean
  isOpen: boolean
  slides: boolean
  now: number
  onPress(row: EventRow): void
}

/** One line of the list. */
export function EventLine({ row, place, top, isHere, isOpen, slides, now, onPress }: LineProps) {
  const classes = ['row', isHere && 'here', isOpen && 'open', slides && 'slides']
  return (
    <div
      id={`row-${row.id}`}
      role="row"
      class={classes.filter(Boolean).join(' ')}
      aria-rowindex={place + 2}
      aria-selected={isHere}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onPress(row)}
    >
      <span role="gridcell" class="cell-time">
        <Time at={row.at} now={now} />
      </span>
      <span role="gridcell" class="cell-tenant">
        <Whose row={row} />
      </span>
      <span role="gridcell" class="cell-provider">
        <Clip value={row.provider} />
        {row.app !== row.provider && <Clip class="faint" value={row.app} />}
        {row.env === 'production' && <Tag tone="warn">PROD</Tag>}
      </span>
      <span role="gridcell" class="cell-event">
        <Clip class="strong" value={row.event ?? (row.scope === 'rejected' ? 'request' : 'unreadable')} />
        <Marks row={row} />
      </span>
      <span role="gridcell" class="cell-resource">
        {row.resource && <Clip class="soft" value={`${row.resource.type} ${row.resource.id}`} />}
      </span>
      <span role="gridcell" class="cell-answer">
        <Answer row={row} now={now} />
      </span>
    </div>
  )
}

function Time({ at, now }: { at: number; now: number }) {
  const { day, clock } = clockText(at, now)
  return (
    <time dateTime={new Date(at).toISOString()} title={momentText(at)} class="number">
      {day && <span class="day">{day}</span>}
      {clock}
    </time>
  )
}

/** Whose it is: a tenant's, the app's own, or an account that is nobody's here. */
export function Whose({ row }: { row: EventRow }) {
  if (row.tenant !== null) return <TenantChip name={row.tenant} />
  if (row.scope === 'rejected') return <span class="faint">–</span>
  if (row.scope === 'app') return <span class="faint">the app</span>
  if (row.account !== null) return <Clip class="nobody" value={`${row.accountWord ?? 'account'} ${row.account}`} />
  return <span class="faint">nobody’s</span>
}

/** What is not as with every other event. */
function Marks({ row }: { row: EventRow }) {
  return (
    <>
      {row.part && <Tag title="part of a delivery for several tenants">{`part ${row.part}`}</Tag>}
      {row.source !== 'delivery' && row.scope !== 'rejected' && <Tag>{row.source}</Tag>}
      {row.repeatOf && <Tag title="the provider sent it before">repeat</Tag>}
      {row.verified === 'none' && row.scope !== 'rejected' && <Tag tone="bad">unverified</Tag>}
    </>
  )
}

/** A line whose event is still to be loaded. */
export function EmptyLine({ place, top }: { place: number; top: number }) {
  return (
    <div
      role="row"
      class="row loading"
      aria-rowindex={place + 2}
      aria-busy="true"
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="gridcell" class="cell-time">
        <i />
      </span>
      <span role="gridcell" class="cell-tenant">
        <i />
      </span>
      <span role="gridcell" class="cell-event">
        <i />
      </span>
    </div>
  )
}
