import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { writeProvider } from './provider-files.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const [id = ''] = process.argv.slice(2)

try {
  const files = writeProvider(root, id)
  execFileSync('npx', ['tsx', 'test/tools/write-readme.ts'], { cwd: root, stdio: 'inherit' })
  const next = [
    'Fill in the definition, then record deliveries (fixtures/README.md tells what belongs into them), then:',
    `  WHS_PROVIDER=${id} npx vitest run --config test/vitest.config.ts --project contract`,
  ]
  process.stdout.write([...files.map(file => `written  ${file}`), ...next, ''].join('\n'))
} catch (error) {
  process.stderr.write(`${(error as Error).message}\nusage: npm run new-provider -- <id>\n`)
  process.exitCode = 2
}
