import { randomBytes } from 'node:crypto'
import { openStore } from '../../src/store/store.ts'

/** Rejected requests whose bodies cannot be packed. */
export async function keepRejected(home: string, count: number): Promise<void> {
  const store = openStore({ home })
  await store.startWriter()
  const [app] = await store.read('listApps')
  const common = { appId: app?.id ?? 0, receivedAt: 1, method: 'POST', path: '/', suffix: '', headers: '[]' }
  const verdict = {
    status: 401,
    reason: 'wrong-secret' as const,
    detail: '',
    source: 'delivery' as const,
    activation: null,
  }
  const one = (): Promise<unknown> =>
    store.write('keepRejected', { ...common, ...verdict, body: randomBytes(65_536), bytes: 65_536 })
  await Promise.all(Array.from({ length: count }, one))
  await store.close()
}
