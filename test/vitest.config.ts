import { defineConfig } from 'vitest/config'

const root = new URL('..', import.meta.url).pathname

export default defineConfig({
  root,
  test: {
    maxWorkers: 2,
    globalSetup: ['test/helpers/global-setup.ts'],
    projects: [
      project('unit', 10_000, { isolate: false }),
      project('property', 60_000, { isolate: false }),
      project('contract', 20_000, { isolate: false }),
      project('architecture', 20_000, { isolate: false }),
      project('integration', 60_000),
      project('reliability', 120_000),
      project('e2e', 120_000, { globalSetup: ['test/helpers/e2e-setup.ts'] }),
    ],
  },
})

/** A kind of test: the folder of its name. Inherits nothing, so that the build of the global set-up runs once. */
function project(name: string, testTimeout: number, options: object = {}) {
  return {
    root,
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      testTimeout,
      hookTimeout: testTimeout,
      pool: 'forks' as const,
      restoreMocks: true,
      unstubEnvs: true,
      env: { TZ: 'UTC', NO_COLOR: '1' },
      ...options,
    },
  }
}
