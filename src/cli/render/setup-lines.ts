import type { SetupStep } from '../../app/setup-step.ts'
import type { Setup } from '../../app/setup-text.ts'
import type { Io } from '../io.ts'
import { command } from './command.ts'
import { makePaint } from './paint.ts'
import { iso } from './records.ts'
import { wrap } from './wrap.ts'

/** The numbered steps of a set-up; what is done is ticked, with its title alone. */
export function setupLines(io: Io, { definition, name, env, steps }: Setup): string[] {
  const paint = makePaint(io.color)
  const lines = [`${paint.strong(`${definition.name}, ${env}`)}, as the app ${name}`]
  for (const [index, step] of steps.entries()) lines.push(...stepLines(io, step, index + 1))
  if (steps.every(({ done }) => done)) lines.push('', `Everything is done: ${command(io, 'whs listen --forward 3000')}`)
  return lines
}

/** One step: title, place, fields to paste, and the command. */
export function stepLines(io: Io, step: SetupStep, number: number): string[] {
  const paint = makePaint(io.color)
  const { title, where, fields, notes, done, again } = step
  const shown = again === null ? '' : ` (${command(io, again)} shows it)`
  if (done) return [wrap(`${paint.good('✓')} ${number}  ${paint.faint(title)}${shown}`, io.columns, 5)]
  const lines = ['', wrap(`${paint.strong(String(number))}  ${paint.strong(title)}`, io.columns, 3)]
  if (where !== null) lines.push(wrap(`   at ${where}`, io.columns, 6))
  for (const { label, value } of fields) {
    lines.push(
      `   ${label}:  ${value === null ? paint.warn('not known before the door is open') : paint.strong(value)}`,
    )
  }
  for (const note of notes) lines.push(wrap(`   - ${command(io, note)}`, io.columns, 5))
  if (step.command !== null) lines.push(`   ${command(io, step.command)}`)
  return lines
}

/** The `step` records of a set-up. */
export function stepRecords(io: Io, { definition, name, env, steps }: Setup): object[] {
  return steps.map((step, index) => ({
    type: 'step',
    at: iso(io.now()),
    number: index + 1,
    step: step.name,
    provider: definition.id,
    app: name,
    env,
    done: step.done,
    title: step.title,
    where: step.where,
    fields: step.fields,
    notes: step.notes.map(note => command(io, note)),
    command: step.command === null ? null : command(io, step.command),
  }))
}
