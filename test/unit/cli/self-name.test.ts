import { expect, test } from 'vitest'
import { selfName } from '../../../src/cli/self-name.ts'

const cache = '/home/ana/.npm/_npx/5eec080bf95e7d97/node_modules'
const byNpx = { npm_command: 'exec' }

test.each([
  ['by npx in a clone', `${cache}/.bin/whs`, '/home/ana/whs/bin/whs.js', byNpx, 'npx whs'],
  ['by npx from the registry', `${cache}/.bin/whs`, `${cache}/whs-cli/bin/whs.js`, byNpx, 'npx whs-cli'],
  [
    'by npx in a project that depends on it',
    '/p/node_modules/.bin/whs',
    '/p/node_modules/whs-cli/bin/whs.js',
    byNpx,
    'npx whs',
  ],
  ['installed', '/usr/local/bin/whs', '/usr/local/lib/node_modules/whs-cli/bin/whs.js', {}, 'whs'],
  ['a clone that is linked', '/usr/local/bin/whs', '/home/ana/whs/bin/whs.js', {}, 'whs'],
  ['by a script of the clone', 'bin/whs.js', '/home/ana/whs/bin/whs.js', { npm_command: 'run-script' }, 'npx whs'],
])('%s', (_, script, real, env, self) => {
  expect(selfName(script, real, env)).toBe(self)
})
