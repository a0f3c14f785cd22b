import { defineConfig } from 'vitest/config'

const root = new URL('..', import.meta.url).pathname

export default defineConfig({
  root,
  test: {
    restoreMocks: true,
    unstubEnvs: true,
    env: { TZ: 'UTC', NO_COLOR: '1' },
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default'],
    globalSetup: ['test/helpers/global-setup.ts'],
    projects: [
      project('unit', 10_000, { isolate: false }),
      project('property', 60_000, { isolate: false }),
      project('contract', 20_000, { isolate: false }),
      project('architecture', 20_000, { isolate: false }),
      project('integration', 60_000),
      project('e2e', 120_000, { fileParallelism: true }),
    ],
  },
})

function project(name: string, testTimeout: number, options: object = {}) {
  return {
    extends: true as const,
    test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout, ...options },
  }
}
