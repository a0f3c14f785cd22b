import type { ComponentChildren } from 'preact'

function Icon({ children, size = 16 }: { children: ComponentChildren; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      {children}
    </svg>
  )
}

const paths = {
  copy: 'M5.5 5.5v-2a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-2M3.5 5.5h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-6a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1Z',
  check: 'm3 8.5 3.2 3.2L13 4.8',
  close: 'm4 4 8 8m0-8-8 8',
  replay: 'M12.8 6.2A5.2 5.2 0 1 0 13.2 9M13 3v3.4H9.6',
  edit: 'm9.8 3.7 2.5 2.5M3 13l.6-2.9 7.1-7.1a1 1 0 0 1 1.4 0l.9.9a1 1 0 0 1 0 1.4L5.9 12.4 3 13Z',
  tenant: 'M8 7.6a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2ZM3 13.6c.4-2.6 2.3-4 5-4s4.6 1.4 5 4',
  terminal: 'm3 4.5 3.5 3.5L3 11.5M8.5 11.5H13',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Zm3.3-1.2L13.5 13.5',
  sun: 'M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9',
  moon: 'M13 9.6A5.4 5.4 0 0 1 6.4 3a5.4 5.4 0 1 0 6.6 6.6Z',
  system: 'M2.5 3.5h11v7.5h-11zM6 13.5h4M8 11v2.5',
  chevron: 'm6 4 4 4-4 4',
  back: 'M10 3.5 5.5 8l4.5 4.5',
  warn: 'M8 2.5 14 13H2L8 2.5ZM8 6.5v3M8 11.2v.1',
  link: 'M6.5 3.5h-3v9h9v-3M9 3h4v4M13 3 7.5 8.5',
  plus: 'M8 3v10M3 8h10',
  up: 'M8 13V3.5M4 7l4-4 4 4',
}
export type IconName = keyof typeof paths

/** A small drawing that a label stands beside, or that its button is named for. */
export function Sign({ name, size }: { name: IconName; size?: number }) {
  return (
    <Icon {...(size ? { size } : {})}>
      <path d={paths[name]} />
    </Icon>
  )
}

/** The mark of whs: one line in, two out. */
export function Mark() {
  return (
    <svg class="mark" width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
      <rect width="22" height="22" rx="6" />
      <path d="M4.5 11H9M9 11c3 0 2.5-4 5.5-4H17M9 11c3 0 2.5 4 5.5 4H17" />
    </svg>
  )
}
