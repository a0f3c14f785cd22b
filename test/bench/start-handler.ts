import type { HandlerReport } from './handler.ts'
import { type Helper, startHelper } from './processes.ts'

/** `handler.ts` in a process of its own. */
export interface HandlerProcess extends Helper {
  port: number
  /** From now on it counts so many from this number on; what comes back waits for its report. */
  expect(count: number, first?: number): Promise<() => Promise<HandlerReport>>
}

/** Starts one on a port, by default any that is free. */
export async function startHandler(onPort = 0): Promise<HandlerProcess> {
  const helper = startHelper('handler.ts', [String(onPort)])
  const { port } = await helper.hear<{ port: number }>('port')
  return {
    ...helper,
    port,
    async expect(count, first = 0) {
      helper.tell({ expect: count, first })
      await helper.hear<{ expecting: number }>('expecting')
      const reported = helper.hear<{ report: HandlerReport }>('report')
      return async () => (await reported).report
    },
  }
}
