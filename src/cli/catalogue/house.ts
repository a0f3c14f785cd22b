import { example } from '../../providers/_example.ts'
import type { Catalogue } from './catalogue.ts'

const { provider } = example

/** Simulate, providers, env, status, doctor and completion. */
export function commandsOfTheHouse({ program, add, run }: Catalogue): void {
  add(program, 'simulate', 'the fake providers alone, with a page to change records', ['whs simulate'])
    .option('--port <n>', 'the port (default 4480)')
    .action(run(() => import('../commands/simulate.ts'), 'simulate'))

  const known = program
    .command('providers')
    .alias('provider')
    .description('what whs knows')
    .allowExcessArguments()
    .exitOverride()
  add(known, 'list', 'all providers', ['whs providers']).action(
    run(() => import('../commands/providers.ts'), 'providersList'),
  )
  known.action(run(() => import('../commands/providers.ts'), 'providersList'))
  add(known, 'show <provider>', 'one provider: how it is verified and split, and how sure that is', [
    `whs providers show ${provider}`,
  ]).action(run(() => import('../commands/providers.ts'), 'providersShow'))
  add(known, 'new <id>', 'write a definition to begin with, as <id>.json', ['whs providers new my-crm']).action(
    run(() => import('../commands/providers.ts'), 'providersNew'),
  )
  add(known, 'check <file>', 'say what is wrong with a definition, field by field', [
    'whs providers check my-crm.json',
  ]).action(run(() => import('../commands/providers.ts'), 'providersCheck'))
  add(known, 'add <file>', 'take a definition of your own, as JSON', ['whs providers add my-crm.json'])
    .option('--confirm <id>', 'its id, where apps are pinned to an earlier one and nobody can be asked')
    .action(run(() => import('../commands/providers.ts'), 'providersAdd'))

  add(program, 'env [app]', 'what your handler needs, as NAME=value', [
    'whs env --write .env',
    `whs env ${provider} --show`,
  ])
    .option('--write <file>', 'into this file (0600; other lines are kept)')
    .option('--show', 'to stdout, secrets in clear')
    .action(run(() => import('../commands/env.ts'), 'envCommand'))

  add(program, 'status', 'who listens where, callback URLs, what is open', ['whs status']).action(
    run(() => import('../commands/status.ts'), 'status'),
  )
  add(program, 'doctor', 'check everything', ['whs doctor']).action(
    run(() => import('../commands/doctor.ts'), 'doctor'),
  )
  add(program, 'completion <shell>', 'completion for bash, zsh or fish', [
    'whs completion bash > ~/.local/share/bash-completion/completions/whs',
  ]).action(run(() => import('../commands/completion.ts'), 'completion'))
}
