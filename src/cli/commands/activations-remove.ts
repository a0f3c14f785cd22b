import { removeActivation } from '../../app/confirm-activation.ts'
import { findActivation } from '../../app/find-activation.ts'
import { exits } from '../../core/errors.ts'
import { shellWord } from '../../core/shell-word.ts'
import { confirmByName } from '../confirm-by-name.ts'
import { type CommandContext, withApp } from '../context.ts'
import { activationRecord } from '../render/activation-lines.ts'
import { makePaint } from '../render/paint.ts'
import { jsonLine } from '../render/records.ts'

export async function activationsRemove(
  context: CommandContext,
  { confirm }: { confirm?: string },
  text: string,
): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const activation = await findActivation(app, text)
    const { id, tenant, app: name } = activation
    const whose = tenant === null ? name : `${tenant} at ${name}`
    const stands = activation.madeBy === 'api' && activation.state !== 'gone'
    const undo = `whs deactivate ${name}${tenant === null ? '' : ` --tenant ${shellWord(tenant)}`}`
    const stays = stands
      ? ` (it stays at ${app.definitionOf(activation.provider).company}: ${undo} removes it there too)`
      : ''
    await confirmByName(io, {
      name: id,
      typed: confirm,
      what: `forget the hook of ${whose} with its secret and key; what the provider still sends for it is refused${stays}`,
      line: `whs activations remove ${id} --confirm ${id}`,
    })
    const gone = await removeActivation(app, activation)
    const record = activationRecord(io, { ...gone, state: 'gone' }, { callback: null, todo: null })
    if (io.output === 'json') await io.out(jsonLine(record))
    else await io.out(`${makePaint(io.color).good('✓')} ${id} is forgotten; remove the hook at the provider too`)
    return exits.done
  })
}
