import type { Buffer } from 'node:buffer'
import { answerContext, readValue } from '../../core/value.ts'
import type { Value } from '../../core/value-definition.ts'

/** The text of a value in a JSON answer; undefined where it is not there. */
export function readAnswer(body: Buffer, value: Value): string | undefined {
  const context = answerContext(body)
  return context && readValue(context, value)?.text
}
