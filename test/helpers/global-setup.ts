import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))

/** Builds the program once: the e2e tests run what ships, and threads start from it. `npm run check` judges types. */
export function setup(): void {
  const { status } = spawnSync(process.execPath, [compiler, '--noCheck'], { stdio: 'inherit' })
  if (status !== 0) throw new Error('the program could not be built')
}
