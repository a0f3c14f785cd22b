import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { benchBase } from './home.ts'
import type { PeerName } from './peer-protocols.ts'

/** A tool that others use for the same, at a pinned version. None of them stores an event or knows a tenant. */
export interface Peer {
  name: string
  protocol: PeerName
  /** Starts it against a relay on loopback. */
  start(home: string, relayPort: number, handlerPort: number): ChildProcess
}

const folder = join(benchBase, 'peers')
const modules = join(folder, 'node_modules')
const versions = { 'hookdeck-cli': '2.6.0', '@stripe/cli': '1.52.0', 'smee-client': '5.0.0' }

export const peers: Peer[] = [
  {
    name: `Hookdeck CLI ${versions['hookdeck-cli']}`,
    protocol: 'hookdeck',
    start(home, relayPort, handlerPort) {
      const config = join(home, 'hookdeck.toml')
      const lines = ['[default]', 'api_key = "benchbenchbench"', 'project_id = "tm_1"', 'project_mode = "inbound"']
      writeFileSync(config, lines.join('\n'))
      const program = join(modules, `hookdeck-cli/binaries/${process.platform}-${goArch()}/hookdeck`)
      const relay = ['--api-base', `http://127.0.0.1:${relayPort}`, '--ws-base', `ws://127.0.0.1:${relayPort}`]
      const args = ['listen', handlerUrl(handlerPort), 'quickbooks', '--output', 'compact', ...relay]
      return start(home, program, [...args, '--hookdeck-config', config], { HOOKDECK_CLI_TELEMETRY_DISABLED: '1' })
    },
  },
  {
    name: `Stripe CLI ${versions['@stripe/cli']}`,
    protocol: 'stripe',
    start(home, relayPort, handlerPort) {
      const program = join(modules, `@stripe/cli-${process.platform}-${process.arch}/bin/stripe`)
      const relay = ['--api-base', `http://127.0.0.1:${relayPort}`, '--api-key', 'sk_test_benchbenchbench']
      const args = ['listen', ...relay, '--skip-update', '--all-snapshot', '--forward-to', handlerUrl(handlerPort)]
      return start(home, program, args, { STRIPE_CLI_TELEMETRY_OPTOUT: '1' })
    },
  },
  {
    name: `smee-client ${versions['smee-client']}`,
    protocol: 'smee',
    start(home, relayPort, handlerPort) {
      const args = ['-u', `http://127.0.0.1:${relayPort}/bench`, '-t', handlerUrl(handlerPort)]
      return start(home, process.execPath, [join(modules, 'smee-client/bin/smee.js'), ...args], {})
    },
  },
]

/** Installs them beside the other leavings of the bench: never into this package. */
export function installPeers(): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const named = Object.entries(versions).map(([name, version]) => `${name}@${version}`)
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', ...named]
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) throw new Error('the peers could not be installed')
}

/** The programs themselves, not the scripts of npm around them: nothing is left behind when one ends. */
function start(home: string, program: string, args: string[], env: Record<string, string>): ChildProcess {
  return spawn(program, args, { cwd: home, env: { PATH: process.env.PATH ?? '', HOME: home, ...env }, stdio: 'ignore' })
}

function handlerUrl(port: number): string {
  return `http://127.0.0.1:${port}`
}

function goArch(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch
}
