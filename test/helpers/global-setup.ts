import { spawnSync } from 'node:child_process'

/** Builds the program once: the e2e tests run what ships, and threads start from it. `npm run check` judges types. */
export function setup(): void {
  spawnSync('npx', ['tsc', '--noCheck'], { stdio: 'inherit' })
}
