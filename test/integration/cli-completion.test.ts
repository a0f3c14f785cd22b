import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findProgram } from '../helpers/find-program.ts'
import { tempHome } from '../helpers/temp-home.ts'
import { runCommand } from '../helpers/test-io.ts'

/** How each shell is asked what may follow a line, by a script that it has read. */
const questions: Record<string, (script: string, line: string) => string[]> = {
  bash: (script, line) => [
    '--norc',
    '-c',
    `source ${script}; COMP_WORDS=(${line.replace(/ $/, " ''")}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _whs; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  fish: (script, line) => [
    '--no-config',
    '-c',
    `source ${script}; complete -C'${line}' | string replace -r '\\t.*' ''; true`,
  ],
}
const shells = Object.keys(questions).filter(shell => findProgram([shell]))

async function scriptOf(shell: string): Promise<string> {
  const { code, out } = await runCommand(['completion', shell], {})
  expect(code).toBe(0)
  const file = join(tempHome(), `whs.${shell}`)
  writeFileSync(file, out)
  return file
}

test('bash is among the shells that are tested', () => {
  expect(shells).toContain('bash')
})

test.each(shells)('%s completes commands, subcommands, flags and values', async shell => {
  const script = await scriptOf(shell)
  const after = (line: string): string[] => {
    const told = execFileSync(shell, questions[shell]?.(script, line) ?? [], { encoding: 'utf8', cwd: tempHome() })
    return told.split('\n').filter(Boolean).sort()
  }
  const first = after('whs ')
  expect(first).toEqual(expect.arrayContaining(['app', 'completion', 'connect', 'doctor', 'listen', 'tenants']))
  expect(first).not.toContain('apps')
  expect(after('whs ten')).toEqual(['tenants'])
  for (const app of ['app', 'apps']) expect(after(`whs ${app} `)).toEqual(['add', 'list', 'remove', 'set', 'show'])
  expect(after('whs --output ')).toEqual(['json', 'text'])
  expect(after('whs app add quickbooks --env s')).toEqual(['sandbox', 'simulator'])
  expect(after('whs --output json tenants m')).toEqual(['map'])
  expect(after('whs listen --forward app ten')).not.toContain('tenants')
  expect(after('whs tenants map --a')).toEqual(['--account', '--app'])
  expect(after('whs tenants map --deb')).toEqual(['--debug'])
})

test.each(['bash', 'zsh', 'fish'].filter(shell => findProgram([shell])))(
  '%s finds no mistake in its script',
  async shell => {
    execFileSync(shell, ['-n', await scriptOf(shell)])
  },
)

test('zsh is described in its own terms: a command file whose words carry their summaries', async () => {
  const { out } = await runCommand(['completion', 'zsh'], { tty: true })
  expect(out).toMatch(/^#compdef whs\n/)
  expect(out).toContain("'map:say whose an account is, and release what was parked for it'")
  expect(out).toContain("' --output') choices='text json'")
})

test('another shell is refused, with the nearest that there is', async () => {
  const { code, err } = await runCommand(['completion', 'zhs'], {})
  expect(code).toBe(2)
  expect(JSON.parse(err)).toMatchObject({ code: 'unknown-shell', why: 'did you mean zsh?' })
})
