import { Buffer } from 'node:buffer'
import { WhsError } from '../core/errors.ts'
import { writeAnswer } from './answers/write-answer.ts'
import { type Company, findCompany } from './companies.ts'
import type { World } from './world.ts'

/** Tells every app that a company has left, at its redirect URI, where the provider does so. */
export async function tellLeft(world: World, name: unknown): Promise<void> {
  const { leaves } = world.definition.oauth
  const company = typeof name === 'string' ? findCompany(world.companies, name) : undefined
  if (!leaves || !company) return
  for (const { clientId, secrets, redirectUris } of world.apps.list()) {
    const [url] = redirectUris
    if (url === undefined) continue
    const authorization = `Basic ${Buffer.from(`${clientId}:${secrets.client}`).toString('base64')}`
    const headers = { authorization, 'content-type': 'application/json' }
    await world.httpCall({ method: 'DELETE', url, headers, body: bodyOf(world, company) }).catch(unheard)
  }
}

function bodyOf({ definition }: World, company: Company): Buffer {
  const { leaves } = definition.oauth
  return leaves ? writeAnswer(Buffer.from('{}'), leaves.at, company.values[leaves.kind] ?? '') : Buffer.alloc(0)
}

/** Nobody is there to hear it. */
function unheard(error: unknown): void {
  if (!(error instanceof WhsError)) throw error
}
