import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Builds the program once: the e2e tests run what ships, and threads start from it. `npm run check` judges types. */
export function setup(): void {
  const bundler = fileURLToPath(new URL('../../node_modules/rolldown/bin/cli.mjs', import.meta.url))
  execFileSync(process.execPath, [bundler, '-c', '.rolldown.js'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
}
