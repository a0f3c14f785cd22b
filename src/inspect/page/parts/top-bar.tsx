import { useState } from 'preact/hooks'
import type { Now } from '../../api.ts'
import type { Place } from '../pure/place.ts'
import { durationText, momentText, numberText } from '../pure/words.ts'
import { chosenTheme, nextTheme } from '../state/theme.ts'
import { Mark, Sign } from './icons.tsx'
import { Clip } from './text.tsx'

export interface TopBarProps {
  facts: Now | null
  view: Place['view']
  link: 'opening' | 'live' | 'lost'
  now: number
  onView(view: Place['view']): void
  onHelp(): void
}

/** Where one is, and whether events come in. */
export function TopBar({ facts, view, link, now, onView, onHelp }: TopBarProps) {
  return (
    <header class="top">
      <span class="brand">
        <Mark />
        <b>whs</b>
      </span>
      <nav class="views" aria-label="Views">
        <ViewButton
          name="Events"
          count={facts?.events ?? null}
          isHere={view === 'events'}
          onPress={() => onView('events')}
        />
        <ViewButton
          name="Tenants"
          count={facts?.tenants.length ?? null}
          isHere={view === 'tenants'}
          onPress={() => onView('tenants')}
        >
          {facts !== null && facts.parked > 0 && (
            <span class="tag warn number" title="parked: nobody’s yet">
              {numberText(facts.parked)} parked
            </span>
          )}
        </ViewButton>
      </nav>
      <Link facts={facts} link={link} now={now} />
      <div class="top-end">
        <ThemeButton />
        <button type="button" class="button bare" aria-label="Keys and help" title="Keys and help (?)" onClick={onHelp}>
          <span class="question">?</span>
        </button>
      </div>
    </header>
  )
}

interface ViewButtonProps {
  name: string
  count: number | null
  isHere: boolean
  onPress(): void
  children?: preact.ComponentChildren
}

function ViewButton({ name, count, isHere, onPress, children }: ViewButtonProps) {
  return (
    <button type="button" class="view" aria-current={isHere ? 'page' : undefined} onClick={onPress}>
      {name}
      {count !== null && <span class="count number">{numberText(count)}</span>}
      {children}
    </button>
  )
}

function Link({ facts, link, now }: Pick<TopBarProps, 'facts' | 'link' | 'now'>) {
  const listener = facts?.listener ?? null
  if (link === 'lost') {
    return (
      <p class="listening lost" role="status">
        <i class="dot" />
        <span>Connection lost, trying again</span>
      </p>
    )
  }
  if (!facts) return <p class="listening" />
  if (!listener) {
    return (
      <p class="listening off" title="Stored events can be read, but no new ones come in">
        <i class="dot" />
        <span class="clip">
          Nobody listens: <code>{facts.whs} listen</code>
        </span>
      </p>
    )
  }
  return (
    <p class="listening on" title={`Listening since ${momentText(listener.since)}`}>
      <i class="dot" />
      <Clip value={`${listener.url}${listener.targets[0] ? ` → ${listener.targets.join(', ')}` : ''}`} />
      {listener.open > 0 && <span class="tag warn number">{listener.open} open</span>}
      <span class="faint since">up {durationText(now - listener.since)}</span>
    </p>
  )
}

const themes = {
  system: { sign: 'system', label: 'Theme: as the system has it' },
  light: { sign: 'sun', label: 'Theme: light' },
  dark: { sign: 'moon', label: 'Theme: dark' },
} as const

function ThemeButton() {
  const [theme, setTheme] = useState(chosenTheme)
  const { sign, label } = themes[theme]
  return (
    <button type="button" class="button bare" aria-label={label} title={label} onClick={() => setTheme(nextTheme())}>
      <Sign name={sign} />
    </button>
  )
}
