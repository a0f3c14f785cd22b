/**
 * The form of the command that works where the person is: `whs` where it is installed globally, `npx whs` in a clone or
 * as a part of a project, else `npx whs-cli`. `script` is what was called, `real` the file behind all links: npx runs a
 * clone by way of a link in its own cache, too.
 */
export function selfName(script: string, real: string, env: Record<string, string | undefined>): string {
  if (env.npm_command === 'exec') return real.includes('_npx') ? 'npx whs-cli' : 'npx whs'
  if (/[/\\]bin[/\\]whs$/.test(script) && !script.includes('node_modules')) return 'whs'
  const isLocal = /node_modules[/\\]\.bin[/\\]whs$/.test(script) || script.endsWith('whs.js')
  return isLocal ? 'npx whs' : 'whs'
}
