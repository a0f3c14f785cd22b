import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Builds the program once: the e2e tests run what ships, and threads start from it. `npm run check` judges types. */
export function setup(): void {
  const bundler = fileURLToPath(new URL('../../node_modules/rolldown/bin/cli.mjs', import.meta.url))
  execFileSync(process.execPath, [bundler, '-c', '.rolldown.js'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  if (isPageOld()) buildPage(root)
}

/** Builds the inspector's page of a folder that has its sources. */
export function buildPage(folder: string): void {
  const bundler = fileURLToPath(new URL('../../node_modules/vite/bin/vite.js', import.meta.url))
  const arguments_ = [bundler, 'build', '-c', '.vite.page.js']
  execFileSync(process.execPath, arguments_, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Whether the page's sources changed since it was built. */
function isPageOld(): boolean {
  const built = timeOf('dist/inspect/index.html')
  const sources = readdirSync(`${root}/src/inspect/page`, { recursive: true, encoding: 'utf8' })
  const paths = ['.vite.page.js', 'package-lock.json', ...sources.map(path => `src/inspect/page/${path}`)]
  return paths.some(path => timeOf(path) > built)
}

function timeOf(path: string): number {
  return statSync(`${root}/${path}`, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
