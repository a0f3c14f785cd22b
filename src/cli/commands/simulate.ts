import { allProviders, openSimulator } from '../../app/demo.ts'
import { type CommandContext, withApp } from '../context.ts'
import { portOf } from '../port.ts'
import { command } from '../render/command.ts'
import { jsonLine } from '../render/records.ts'

/** `whs app add --env simulator` looks here. */
export const simulatorPort = 4480

export async function simulate(context: CommandContext, flags: { port?: string }): Promise<number> {
  const { io } = context
  return withApp(context, async app => {
    const simulator = await openSimulator(app, portOf(flags.port, simulatorPort))
    const { base } = simulator
    const all = await allProviders(app)
    if (io.output === 'json') {
      const pages = Object.fromEntries(all.map(({ id }) => [id, `${base}/${id}`]))
      await io.out(jsonLine({ type: 'simulator', at: new Date(io.now()).toISOString(), url: base, pages }))
    } else {
      const host = base.endsWith(`:${simulatorPort}`) ? '' : ` --host simulator=${base}`
      await io.out(`The simulator plays ${all.length} providers at ${base}: open it in a browser to change records.`)
      await io.out(`  register an app   ${command(io, `whs app add <provider> --env simulator${host}`)}`)
      await io.out('Ctrl-C ends it, and it forgets everything.')
    }
    await new Promise<void>(resolve => {
      if (io.stop.signal.aborted) resolve()
      io.stop.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await simulator.close()
    return io.stop.exit
  })
}
