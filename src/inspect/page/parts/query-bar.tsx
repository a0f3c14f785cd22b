import type { RefObject } from 'preact'
import { useId, useMemo, useState } from 'preact/hooks'
import { type Condition, isFlag, withCondition } from '../pure/place.ts'
import { type KnownWords, queryToken, readQuery, suggestions } from '../pure/query-text.ts'
import { visibleText } from '../pure/visible-text.ts'
import { Sign } from './icons.tsx'
import { Text } from './text.tsx'

export interface QueryBarProps {
  conditions: Condition[]
  known: KnownWords
  input: RefObject<HTMLInputElement | null>
  onChange(conditions: Condition[]): void
}

/** The conditions as chips, and a line to type more. */
export function QueryBar({ conditions, known, input, onChange }: QueryBarProps) {
  const [text, setText] = useState('')
  const [isUsed, setUsed] = useState(false)
  const [chosen, setChosen] = useState(-1)
  const list = useId()
  const offered = useMemo(() => suggestions(text, known), [text, known])
  const isOpen = isUsed && offered.length > 0

  const change = (typed: string): void => {
    setText(typed)
    setChosen(-1)
  }
  const take = (typed: string): void => {
    let next = conditions
    for (const condition of readQuery(typed)) next = withCondition(next, condition)
    change('')
    onChange(next)
  }
  const choose = (index: number): void => {
    const suggestion = offered[index]
    if (!suggestion) return
    const typed = text.replace(/\S*$/, suggestion.token)
    if (suggestion.whole) take(typed)
    else change(typed)
  }
  const without = (condition: Condition): Condition[] => conditions.filter(one => one !== condition)
  const press = (event: KeyboardEvent): void => {
    const { key } = event
    const last = conditions.at(-1)
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      const step = key === 'ArrowDown' ? 1 : -1
      setUsed(true)
      setChosen(((chosen < 0 && step < 0 ? 0 : chosen) + step + offered.length) % Math.max(1, offered.length))
    } else if (key === 'Enter') {
      if (isOpen && chosen >= 0) choose(chosen)
      else {
        take(text)
        setUsed(false)
      }
    } else if (key === 'Tab' && isOpen && text !== '' && !event.shiftKey) choose(Math.max(0, chosen))
    else if (key === 'Escape') {
      if (isOpen && chosen >= 0) setChosen(-1)
      else input.current?.blur()
    } else if (key === 'Backspace' && text === '' && last) {
      onChange(without(last))
      setText(queryToken(last))
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <search class="query">
      <Sign name="search" />
      {conditions.map(condition => (
        <Chip
          condition={condition}
          onEdit={() => {
            onChange(without(condition))
            change(queryToken(condition))
            input.current?.focus()
          }}
          onRemove={() => onChange(without(condition))}
        />
      ))}
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label="Filter and search the events"
        aria-expanded={isOpen}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && chosen >= 0 ? `${list}-${chosen}` : undefined}
        placeholder={
          conditions.length > 0 ? 'and …' : 'Filter: tenant:acme  event:invoice.*  is:failed  since:2h  or any text'
        }
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={event => change(event.currentTarget.value)}
        onFocus={() => setUsed(true)}
        onBlur={() => setUsed(false)}
        onKeyDown={press}
      />
      {conditions.length > 0 && (
        <button type="button" class="button bare quiet" onClick={() => onChange([])}>
          Clear
        </button>
      )}
      <kbd title="press / to type here">/</kbd>
      <ul id={list} role="listbox" class="offers" hidden={!isOpen} aria-label="Suggestions">
        {isOpen &&
          offered.map(({ token, hint }, index) => (
            <li
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === chosen}
              onPointerDown={event => {
                event.preventDefault()
                choose(index)
              }}
            >
              <code>
                <Text value={token} />
              </code>
              <span class="faint">{hint}</span>
            </li>
          ))}
      </ul>
    </search>
  )
}

function Chip({ condition, onEdit, onRemove }: { condition: Condition; onEdit(): void; onRemove(): void }) {
  const { name, value } = condition
  const said = visibleText(isFlag(name) ? name : `${name} ${value}`)
  return (
    <span class="condition">
      <button type="button" class="condition-text" aria-label={`Change the filter ${said}`} onClick={onEdit}>
        <span class="soft">{isFlag(name) ? 'is' : name}</span>
        <span class="clip">
          <Text value={isFlag(name) ? name : value} />
        </span>
      </button>
      <button type="button" class="condition-end" aria-label={`Remove the filter ${said}`} onClick={onRemove}>
        <Sign name="close" size={12} />
      </button>
    </span>
  )
}
