import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type ListenOptions, listen } from '../../app/listen.ts'
import { tunnelOptions } from '../../app/public-url.ts'
import { makeQuota } from '../../app/session-quota.ts'
import { unknownNames } from '../../app/unknown-names.ts'
import { exits, WhsError } from '../../core/errors.ts'
import { parseDuration, parseMoment } from '../../core/filter.ts'
import { parseRule } from '../../core/rule.ts'
import { type CommandContext, withApp } from '../context.ts'
import { countOf } from '../count.ts'
import { type FilterFlags, filterOf } from '../filter-options.ts'
import { portOf } from '../port.ts'
import { projectFile } from '../project-file.ts'
import { openRecordLog } from '../record-log.ts'
import { startExec } from '../run-exec.ts'
import { type SendingFlags, sendingOf } from '../sending-options.ts'
import { sessionEnd } from '../session-end.ts'
import { makeSessionPrinter } from '../session-printer.ts'

export interface ListenFlags extends Omit<FilterFlags, 'since' | 'until'>, SendingFlags {
  forward?: string[]
  deliver?: 'original' | 'event'
  answer?: 'handler'
  tunnel?: string
  domain?: string
  port?: string
  since?: string
  skipOpen?: boolean
  temporary?: boolean
  catchUp?: boolean
  fetch?: boolean
  allowRemote?: boolean
  allowUnverified?: boolean
  log?: string
  maxEvents?: string
  for?: string
  exec?: string
}

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
      handlerTimeoutMs: undefined,
      ...(await sendingOf(flags)),
      skipOpen: flags.skipOpen === true,
      temporary: flags.temporary === true,
      catchUp: flags.catchUp === true,
      fetch: flags.fetch === true,
      ...(since === undefined ? {} : { since: parseMoment(since, '--since', io.now()) }),
    }
    for (const clause of await unknownNames(app, options.filter)) io.note(`note   ${clause}`)
    const wanted = flags.maxEvents === undefined ? 0 : countOf(flags.maxEvents, '--max-events', 'listen')
    const forMs = flags.for === undefined ? undefined : parseDuration(flags.for, '--for')
    if (wanted > 0 && flags.exec !== undefined) throw execAndCount()
    const quota = wanted > 0 ? makeQuota(wanted) : undefined
    const log = flags.log === undefined ? undefined : await openRecordLog(resolve(io.cwd, flags.log), tellOfLog)
    const printer = makeSessionPrinter({ io, version, app, quota, log, tellsRecords: flags.fetch === true })
    function tellOfLog(why: string): void {
      const detail = `the log lacks what came since: ${why}`
      void printer.onFact({ kind: 'warning', code: 'log', detail })
    }
    try {
      const session = await listen(app, options, printer.onFact)
      const exec =
        flags.exec === undefined
          ? undefined
          : startExec(io, flags.exec, { ready: session.ready, home: app.surroundings.home })
      const end = await sessionEnd(io, { session, printer, quota, wanted, forMs, exec }).catch(failedEnd)
      const failures = await Promise.allSettled([session.stop(end.why), exec?.stop(signalOf(io.stop.exit))])
      const failure = end.error ?? failures.flatMap(one => (one.status === 'rejected' ? [one.reason] : []))[0]
      if (failure) throw failure
      return end.exit
    } finally {
      printer.close()
      await log?.close()
    }
  })
}

/** The end of a session by a failure, which is told once everything is closed. */
function failedEnd(error: unknown): { why: string; exit: number; error: unknown } {
  return { why: (error as Error).message, exit: exits.fault, error }
}

function signalOf(exit: number): NodeJS.Signals {
  if (exit === exits.interrupted) return 'SIGINT'
  return exit === 129 ? 'SIGHUP' : 'SIGTERM'
}

function execAndCount(): WhsError {
  return new WhsError({
    code: 'exec-and-max-events',
    exit: exits.usage,
    what: '--exec and --max-events exclude each other',
    why: 'with --exec the session ends when the command does',
    next: "whs listen --exec 'npm test' --for 5m",
  })
}
