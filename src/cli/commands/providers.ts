import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { addProvider, checkDefinition, newDefinition, pinnedApps } from '../../app/custom-providers.ts'
import { providerFacts } from '../../app/provider-facts.ts'
import type { ProviderDefinition } from '../../core/definition.ts'
import { exits, WhsError } from '../../core/errors.ts'
import { shellWord } from '../../core/shell-word.ts'
import { safeText } from '../../core/text.ts'
import { providers } from '../../providers/index.ts'
import { confirmByName } from '../confirm-by-name.ts'
import { type CommandContext, withApp } from '../context.ts'
import type { Io } from '../io.ts'
import { command } from '../render/command.ts'
import { makePaint } from '../render/paint.ts'
import { providerLines, providerTable } from '../render/provider-lines.ts'
import { iso, jsonLine } from '../render/records.ts'

export async function providersList(context: CommandContext): Promise<number> {
  const { io } = context
  return withApp(context, async app => {
    const custom = await app.customProviders()
    const all = [...providers, ...custom]
    if (io.output === 'json') {
      for (const definition of all) await io.out(jsonLine(record(io, definition, custom.includes(definition))))
      return exits.done
    }
    for (const line of providerTable(io, all.map(providerFacts))) await io.out(line)
    io.note(`all about one: ${command(io, 'whs providers show <provider>')}`)
    return exits.done
  })
}

function record(io: Io, definition: ProviderDefinition, isCustom: boolean): object {
  const { id, name, environments, account, signature, activation } = providerFacts(definition)
  const { checked, docs } = definition
  const feeds = (definition.feeds ?? []).map(({ name, use }) => ({ name, use }))
  const records = [...new Set((definition.record ?? []).flatMap(({ words }) => Object.keys(words)))]
  const resolves = (definition.resolve ?? []).map(one => one.name)
  const asked = { feeds, records, resolves }
  const facts = { id, name, environments, account, signature, activation, ...asked, checked, docs, custom: isCustom }
  return { type: 'provider', at: iso(io.now()), ...facts }
}

export async function providersShow(context: CommandContext, _options: object, id: string): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const definition = app.definitionOf(id)
    if (io.output === 'json') await io.out(jsonLine({ type: 'provider', at: iso(io.now()), ...definition }))
    else for (const line of providerLines(io, definition)) await io.out(line)
    return exits.done
  })
}

/** Writes `<id>.json` into the working directory. @throws WhsError `file-exists`, `bad-provider-id` (exit 2) */
export async function providersNew({ io }: CommandContext, _options: object, id: string): Promise<number> {
  const text = newDefinition(id)
  const file = resolve(io.cwd, `${id}.json`)
  if (existsSync(file)) {
    const next = `whs providers check ${shellWord(`${id}.json`)}`
    const why = 'a file is never written over'
    throw new WhsError({ code: 'file-exists', exit: exits.usage, what: `${file} is there already`, why, next })
  }
  await writeFile(file, text, { flag: 'wx' })
  if (io.output === 'json') await io.out(jsonLine({ type: 'provider-file', at: iso(io.now()), id, file }))
  else await io.out(`${makePaint(io.color).good('✓')} ${file}: a whole definition, to be filled in`)
  io.note(`next   ${command(io, `whs providers check ${id}.json`)}`)
  return exits.done
}

export async function providersCheck({ io }: CommandContext, _options: object, name: string): Promise<number> {
  const { id, faults, isFirstLook } = checkDefinition(await textOf(io, name))
  const ok = faults.length === 0
  if (io.output === 'json')
    await io.out(
      jsonLine({ type: 'provider-check', at: iso(io.now()), id, file: name, ok, faults, more: !ok && isFirstLook }),
    )
  else {
    const paint = makePaint(io.color)
    for (const fault of faults) await io.out(`${paint.bad('fault')}  ${safeText(fault)}`)
    if (ok) await io.out(`${paint.good('✓')} ${safeText(name)} defines ${id}`)
  }
  const add = command(io, `whs providers add ${shellWord(name)}`)
  const more = isFirstLook ? '; more is checked once these are mended' : ''
  io.note(ok ? `next   ${add}` : `${faults.length} to mend in ${safeText(name)}${more}`)
  return ok ? exits.done : exits.usage
}

export async function providersAdd(
  context: CommandContext,
  { confirm }: { confirm?: string },
  name: string,
): Promise<number> {
  const { io } = context
  return withApp(context, async app => {
    const checked = checkDefinition(await textOf(io, name))
    const file = shellWord(name)
    const pinned = await pinnedApps(app, checked, file)
    if (pinned.length > 0) {
      const id = checked.id as string
      const what = `replace the definition that ${pinned.join(', ')} ${pinned.length === 1 ? 'is' : 'are'} pinned to`
      await confirmByName(io, { name: id, typed: confirm, what, line: `whs providers add ${file} --confirm ${id}` })
    }
    const { definition, hash, state } = await addProvider(app, checked, file)
    if (io.output === 'json') {
      await io.out(jsonLine({ ...record(io, definition, true), hash, state }))
      return exits.done
    }
    const said = { added: 'is known now', changed: 'is changed', same: 'was known already' }[state]
    await io.out(`${makePaint(io.color).good('✓')} ${definition.id} (${safeText(definition.name)}) ${said}`)
    io.note(`next   ${command(io, `whs setup ${definition.id}`)}`)
    return exits.done
  })
}

/** @throws WhsError `no-file` (exit 2) */
async function textOf(io: Io, name: string): Promise<string> {
  try {
    return await readFile(resolve(io.cwd, name), 'utf8')
  } catch (cause) {
    const what = `${safeText(name)} cannot be read`
    const next = 'whs providers new my-crm   (writes one to begin with)'
    throw new WhsError({ code: 'no-file', exit: exits.usage, what, why: (cause as Error).message, next, cause })
  }
}
