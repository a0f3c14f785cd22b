import type { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { listen } from '../../src/app/listen.ts'
import { appHere, listenOptions } from '../helpers/listener-here.ts'
import { cloudEvents, deliver, prepareHome } from '../helpers/listening.ts'

test('a listener whose writer has ended acknowledges nothing more, and ends', async () => {
  const started = new Promise<Worker>(resolve => process.once('worker', resolve))
  const session = await listen(appHere(await prepareHome()), listenOptions(), () => undefined)
  expect((await deliver(session.ready.url, cloudEvents(['1']))).status).toBe(200)
  await (await started).terminate()
  await expect(session.lost).rejects.toMatchObject({ code: 'writer-lost', exit: 1 })
  expect((await deliver(session.ready.url, cloudEvents(['2']))).status).toBe(503)
  expect(await session.stop('over')).toMatchObject({ kind: 'end', counts: { events: 1 } })
})
