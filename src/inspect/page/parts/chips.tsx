import { hueOf } from '../pure/words.ts'
import { Clip } from './text.tsx'

/** A tenant in its own colour. */
export function TenantChip({ name }: { name: string }) {
  return (
    <span class={`chip hue-${hueOf(name)}`}>
      <Clip value={name} />
    </span>
  )
}

export type Tone = 'good' | 'warn' | 'bad' | 'plain'

/** A word that says in which state something is. */
export function Tag({ tone = 'plain', children, title }: { tone?: Tone; children: string; title?: string }) {
  return (
    <span class={`tag ${tone}`} title={title}>
      {children}
    </span>
  )
}
