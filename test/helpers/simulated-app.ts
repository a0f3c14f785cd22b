import { openStore } from '../../src/store/store.ts'
import { jsonLines } from './listening.ts'
import { makeFolder, runWhs, startWhs } from './program.ts'
import { decide } from './simulated.ts'

/** A data directory with a QuickBooks app of a simulator that runs as a process of its own. */
export interface SimulatedApp {
  home: string
  webhookSecret: string
  /** `whs connect` for a tenant, with the consent that its person gives for an account; resolves when it has ended. */
  connect(tenant: string, account: string): Promise<void>
}

export async function openSimulatedApp(): Promise<SimulatedApp> {
  const home = makeFolder()
  const simulator = startWhs(['simulate', '--port', '0', '--output', 'json'], { home })
  const [, base] = await simulator.waitFor(/"url":"([^"]+)"/)
  const args = ['app', 'add', 'quickbooks', '--env', 'simulator', '--host', `simulator=${base}`, '--yes']
  await mustRun(args, home)
  const store = openStore({ home })
  const [secret] = await store.read('readSecrets', { appId: 1, name: 'webhook' })
  await store.close()

  async function connect(tenant: string, account: string): Promise<void> {
    const line = ['connect', 'quickbooks', '--tenant', tenant, '--no-open', '--port', '0', '--output', 'json']
    const connecting = startWhs(line, { home })
    const [, direct] = await connecting.waitFor(/any machine:\s+(http:\/\/\S+)[^]*paste/)
    const back = await decide(String(direct), 'allow', account)
    connecting.stdin.write(`${back.href}\n`)
    const { code, stdout, stderr } = await connecting.ended
    const [connection] = jsonLines(stdout)
    if (code !== 0 || connection?.state !== 'active') throw new Error(`connect ended with ${code}: ${stdout}${stderr}`)
  }
  return { home, webhookSecret: String(secret?.value), connect }
}

/** Runs the program; throws where it does not end well or speaks of a busy file. */
export async function mustRun(args: string[], home: string, stdin = ''): Promise<string> {
  const { code, stdout, stderr } = await runWhs(args, { home, stdin })
  if (code !== 0 || /busy|locked/i.test(stderr)) throw new Error(`whs ${args.join(' ')}: ${code} ${stdout}${stderr}`)
  return stdout
}
