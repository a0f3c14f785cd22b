import { readFile } from 'node:fs/promises'
import type { Fact } from '../../app/facts.ts'
import { type ListenOptions, listen } from '../../app/listen.ts'
import { tunnelOptions } from '../../app/public-url.ts'
import { parseDuration, parseMoment } from '../../core/filter.ts'
import { parseRule } from '../../core/rule.ts'
import { type CommandContext, withApp } from '../context.ts'
import { type FilterFlags, filterOf } from '../filter-options.ts'
import { portOf } from '../port.ts'
import { projectFile } from '../project-file.ts'
import { accountWord } from '../render/account-word.ts'
import { makeListenText } from '../render/listen-text.ts'
import { factLines } from '../render/records.ts'

export interface ListenFlags extends Omit<FilterFlags, 'since' | 'until'> {
  forward?: string[]
  deliver?: 'original' | 'event'
  answer?: 'handler'
  tunnel?: string
  domain?: string
  port?: string
  since?: string
  skipOpen?: boolean
  temporary?: boolean
  allowRemote?: boolean
  allowUnverified?: boolean
  handlerTimeout?: string
  cacert?: string
}

const overdueMs = 250

export async function listenCommand(context: CommandContext, flags: ListenFlags): Promise<number> {
  const { io, version } = context
  return withApp(context, async app => {
    const { since, ...rest } = flags
    const project = projectFile(io.cwd)
    const forward = flags.forward ?? project.forward ?? []
    const tunnel = flags.tunnel ?? project.tunnel
    const readText = (path: string): Promise<string> => readFile(path, 'utf8')
    const options: ListenOptions = {
      rules: forward.map(text => parseRule(text, flags.allowRemote === true && flags.forward !== undefined)),
      filter: filterOf(rest, io.now()),
      tunnel: await tunnelOptions(
        app,
        { ...(tunnel ? { tunnel } : {}), ...(flags.domain ? { domain: flags.domain } : {}) },
        readText,
      ),
      port: portOf(flags.port ?? io.env.WHS_PORT),
      allowRemote: flags.allowRemote === true,
      allowUnverified: flags.allowUnverified === true,
      deliver: flags.deliver ?? 'original',
      answerByHandler: flags.answer === 'handler',
      handlerTimeoutMs:
        flags.handlerTimeout === undefined ? undefined : parseDuration(flags.handlerTimeout, '--handler-timeout'),
      skipOpen: flags.skipOpen === true,
      temporary: flags.temporary === true,
      ...(flags.cacert ? { caPem: await readText(flags.cacert) } : {}),
      ...(since === undefined ? {} : { since: parseMoment(since, '--since', io.now()) }),
    }
    const text = makeListenText({
      io,
      version,
      accountWord,
      readEvent: seq => app.store().read('readEvent', { seq }),
      eager: false,
    })
    let printing = Promise.resolve()
    let failPrinting: (error: unknown) => void = () => undefined
    const printFailed = new Promise<never>((_, reject) => {
      failPrinting = reject
    })
    printFailed.catch(() => undefined)
    const inTurn = (print: () => Promise<void>): Promise<void> => {
      printing = printing.then(print).catch(failPrinting)
      return printing
    }
    const onFact = (fact: Fact): Promise<void> => inTurn(() => print(fact))
    const printOverdue = async (): Promise<void> => {
      if (io.output === 'text') for (const line of text.overdue()) await io.out(line)
    }
    const print = async (fact: Fact): Promise<void> => {
      const lines = io.output === 'json' ? factLines(io, fact) : await text.lines(fact)
      for (const line of lines) await io.out(line)
    }
    const session = await listen(app, options, onFact)
    const looking = setInterval(() => void inTurn(printOverdue), overdueMs)
    let failure: unknown
    try {
      await Promise.race([aborted(io.stop.signal), session.lost, printFailed])
    } catch (error) {
      failure = error
    }
    clearInterval(looking)
    await session.stop(failure ? (failure as Error).message : 'interrupted').catch(error => {
      failure ??= error
    })
    if (failure) throw failure
    return io.stop.exit
  })
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
