import type { Readable } from 'node:stream'
import type { ProviderDefinition, SecretName } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { askSecret } from './ask.ts'
import type { Io } from './io.ts'
import type { SecretFlags, TypedSecret } from './secret-options.ts'

/** Secrets by their name in the definition. */
export type Secrets = Record<SecretName, string>

/**
 * Reads the secrets that flags ask for: each `-` takes one line of stdin, in the order of the flags, a PEM to its END
 * line; at a terminal each is asked for instead. They are kept byte for byte, but a note tells what looks like a slip.
 * @throws WhsError exit 2: `secret-in-argv`, `bad-secret-name`, `secret-twice`, `secret-missing`
 */
export async function readSecrets(io: Io, flags: SecretFlags, definition: ProviderDefinition): Promise<Secrets> {
  const wanted = [...(flags.clientSecret ?? []), ...(flags.webhookSecret ?? []), ...(flags.secret ?? [])]
    .sort((left, right) => left.place - right.place)
    .map(typed => nameOf(typed, definition))
  const secrets: Secrets = {}
  const next = io.isTty.in ? undefined : lineReader(io.stdin)
  for (const name of wanted) {
    if (name in secrets) throw wrong('secret-twice', `the ${name} secret is asked for twice`, 'one flag is enough')
    const label = definition.secrets[name]?.label ?? name
    const value = next ? await readOne(next) : await askSecret(io, `${label} (the ${name} secret)`)
    if (!value) {
      const why = value === '' ? 'its line of stdin is empty' : 'stdin ended before it'
      throw wrong('secret-missing', `the ${name} secret is missing`, why)
    }
    noteOddity(io, `the ${name} secret (${label})`, value)
    secrets[name] = value
  }
  return secrets
}

/**
 * Reads the one secret that a `--secret -` asks for: a line (or a PEM) of stdin, at a terminal the answer to a question.
 * `line` is the command that asks.
 * @throws WhsError exit 2: `secret-in-argv`, `secret-missing`
 */
export async function readSecret(
  io: Io,
  typed: string,
  label: string,
  line: string,
  flag = '--secret',
): Promise<string> {
  if (typed !== '-') {
    const why = 'in a command line it would stand in the shell’s history and in the list of processes'
    throw wrong('secret-in-argv', `${flag} takes no secret, only where to read it`, why, line)
  }
  const value = io.isTty.in ? await askSecret(io, label) : await readOne(lineReader(io.stdin))
  if (!value) throw wrong('secret-missing', `the ${label} is missing`, 'stdin holds nothing', line)
  noteOddity(io, `the ${label}`, value)
  return value
}

/** Whose value a flag asks stdin for. What was typed is not repeated: it may be the secret. */
function nameOf({ flag, text }: TypedSecret, definition: ProviderDefinition): SecretName {
  const [name, from] = flag === '--secret' ? splitAt(text) : [flag.slice(2).replace('-secret', ''), text]
  if (from !== '-') {
    const why = 'in a command line it would stand in the shell’s history and in the list of processes'
    throw wrong('secret-in-argv', `${flag} takes no secret, only where to read it`, why)
  }
  if (Object.hasOwn(definition.secrets, name)) return name
  const known = Object.keys(definition.secrets).join(', ')
  throw wrong('bad-secret-name', `${definition.name} has no secret of that name`, `known: ${known}`)
}

function splitAt(text: string): [string, string] {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** Tells what about a secret is usually a slip of copying. It is kept all the same, since a secret may look like that. */
export function noteOddity(io: Io, what: string, value: string): void {
  const oddity = oddityOf(value)
  if (oddity) io.note(`note   ${what} ${oddity}; it is kept just so. If that is a slip, set it again`)
}

function oddityOf(value: string): string | undefined {
  if (value.startsWith('-----BEGIN ')) return undefined
  if (/[\r\n]/.test(value)) return 'has a line end in it'
  if (value !== value.trim()) return 'begins or ends with a blank'
  if (/^(["'`]).*\1$/.test(value)) return 'is in quotes'
  return undefined
}

type NextLine = () => Promise<string | null>

/** The lines of a stream, one at a time; reads no further than it must. A line ends at LF or CR LF. */
function lineReader(stream: Readable): NextLine {
  const chunks = stream.iterator({ destroyOnReturn: false })
  let rest = Buffer.alloc(0)
  let ended = false
  return async () => {
    while (!rest.includes(0x0a) && !ended) {
      const { done, value } = (await chunks.next()) as IteratorResult<Buffer | string, undefined>
      if (done) ended = true
      else rest = Buffer.concat([rest, Buffer.from(value)])
    }
    if (rest.length === 0) return null
    const end = rest.indexOf(0x0a)
    const line = end < 0 ? rest : rest.subarray(0, end)
    rest = end < 0 ? Buffer.alloc(0) : rest.subarray(end + 1)
    return line.toString('utf8').replace(/\r$/, '')
  }
}

/** One secret: a line, or the lines of a PEM. Null where stdin has ended. */
async function readOne(next: NextLine): Promise<string | null> {
  const first = await next()
  if (first === null || !/^-----BEGIN [^-]+-----\s*$/.test(first)) return first
  const lines = [first]
  while (!/^-----END [^-]+-----\s*$/.test(lines.at(-1) as string)) {
    const line = await next()
    if (line === null) throw wrong('secret-missing', 'a PEM on stdin has no END line', 'stdin ended before it')
    lines.push(line)
  }
  return `${lines.join('\n')}\n`
}

function wrong(code: string, what: string, why: string, line = 'whs app set <app> --client-secret -'): WhsError {
  const next = `leave it out to be asked, or: printf %s "$SECRET" | ${line}`
  return new WhsError({ code, exit: exits.usage, what, why, next })
}
