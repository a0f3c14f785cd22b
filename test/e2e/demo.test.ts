import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder, runWhs, startWhs } from '../helpers/program.ts'

const played = ['demo', '--once', '--output', 'text']

test('what was parked and claimed goes out in the next demo, and --reset starts anew, even without a key', async () => {
  const home = makeFolder()
  const first = await runWhs(played, { home })
  expect(first, first.stderr).toMatchObject({ code: 0 })
  const [, rest] = /tenants map <tenant> (--app \S+ --account \S+)/.exec(first.stdout) ?? []
  const claimed = await runWhs(['--demo', 'tenants', 'map', 'initech', ...(rest as string).split(' ')], { home })
  expect(claimed).toMatchObject({ code: 0 })

  const second = await runWhs(played, { home })
  expect(second, second.stderr).toMatchObject({ code: 0 })
  expect(second.stdout).toMatch(/initech .*→ 200.*\n.*claimed it in an earlier run: --reset starts anew/)
  expect(second.stdout).not.toMatch(/parked {2}/)

  rmSync(join(home, 'demo', 'key'))
  const third = await runWhs([...played, '--reset'], { home })
  expect(third, third.stderr).toMatchObject({ code: 0 })
  expect(third.stdout).toMatch(/\? .*parked {2}realmId …\d{4} is nobody's here/)
})

test('a demo that runs is not reset by another', async () => {
  const home = makeFolder()
  const running = startWhs(['demo', '--output', 'json'], { home })
  await running.waitFor(/wrong-secret/)
  expect(await runWhs([...played, '--reset'], { home })).toMatchObject({ code: 7, stdout: '' })
  running.kill('SIGINT')
  expect(await running.ended).toMatchObject({ code: 130 })
})
