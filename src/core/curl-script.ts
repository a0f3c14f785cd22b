import { type Buffer, isUtf8 } from 'node:buffer'
import type { ExportedDelivery } from './exported-delivery.ts'
import { safeText } from './text.ts'

/** Headers that belong to the connection, not to the delivery (RFC 9110 section 7.6.1), or that curl writes itself. */
const ofConnection =
  /^(host|content-length|connection|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/i
/** What curl adds by itself unless it is told not to. */
const added = ['accept', 'content-type', 'expect', 'user-agent']

/**
 * A delivery as a script for `sh` that sends it to $TARGET: the body byte for byte from its file, the headers in order.
 * What was masked is left out. The text is Latin-1, as headers are.
 */
export function curlScript(delivery: ExportedDelivery): string {
  const { id, app, env, receivedAt, method, suffix, masked, bodyFile, verified } = delivery
  const lines = [
    '#!/bin/sh',
    `# ${id} of ${app} (${env}), received ${receivedAt}, ${verified === 'none' ? 'NOT verified' : `verified by ${verified}`}.`,
    '# Its signature is the one that it came with: where that may be only minutes old, whs replay signs anew.',
    ...(masked.length > 0 ? [`# Left out or masked, since it is a secret: ${masked.join(', ')}.`] : []),
    'set -eu',
    ': "${TARGET:?say where it goes, as in TARGET=http://localhost:3000/hooks sh $0}"',
    'cd "$(dirname "$0")"',
    'exec curl --silent --show-error --include --globoff --path-as-is \\',
    ...requestLines(delivery),
    ...(delivery.bytes > 0 || method !== 'GET' ? [`  --data-binary ${quoted(`@${bodyFile}`)} \\`] : []),
    `  "$TARGET"${suffix === '' ? '' : quoted(suffix)}`,
  ]
  return `${lines.join('\n')}\n`
}

/** What is sent again. */
type SentRequest = Pick<ExportedDelivery, 'id' | 'method' | 'suffix' | 'headers' | 'masked'>

/** More than this is no line that a shell takes everywhere. */
const longestTyped = 60_000

/** The same as one command to be pasted into a shell, the body in it: as text, or in base64 where it is none. */
export function curlCommand(delivery: SentRequest, body: Buffer, target: string): string {
  if (body.length > longestTyped) return tooLong(delivery, body)
  const text = body.toString('utf8')
  const inLines = text.replace(/[\t\n]/g, '')
  const isTyped = isUtf8(body) && safeText(inLines) === inLines
  const { suffix } = delivery
  const all = [
    'curl --include --globoff --path-as-is \\',
    ...requestLines(delivery),
    ...(body.length === 0 ? [] : [`  --data-binary ${isTyped ? quoted(text) : '@-'} \\`]),
    `  ${quoted(target + suffix)}`,
  ].join('\n')
  const command = isTyped ? all : `printf %s ${quoted(body.toString('base64'))} | base64 -d | ${all}`
  return command.length <= longestTyped ? command : tooLong(delivery, body)
}

function tooLong({ id }: SentRequest, { length }: Buffer): string {
  return `# ${length} bytes are too much to be pasted: whs events export ${id} --as curl`
}

/** Method and headers, in order. */
function requestLines({ method, headers, masked }: SentRequest): string[] {
  const hidden = new Set(masked)
  const sent = headers.filter(([name]) => !ofConnection.test(name) && !hidden.has(name.toLowerCase()))
  const absent = added.filter(name => !sent.some(([given]) => given.toLowerCase() === name))
  return [
    `  --request ${method} \\`,
    ...sent.map(([name, value]) => `  --header ${quoted(value === '' ? `${name};` : `${name}: ${value}`)} \\`),
    ...absent.map(name => `  --header ${quoted(`${name}:`)} \\`),
  ]
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
