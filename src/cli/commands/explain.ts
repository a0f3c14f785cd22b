import { type CommandContext, withApp } from '../context.ts'
import { findId } from '../find-id.ts'
import { explainDeliveryById, explainEventById, explainRejectedById } from '../render/explain-lines.ts'

export async function explainCommand(context: CommandContext, _flags: object, id: string): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const found = await findId(app, id)
    const lines =
      found.kind === 'rejected'
        ? await explainRejectedById(io, app, found.seq)
        : found.kind === 'delivery'
          ? await explainDeliveryById(io, app, found.deliverySeq)
          : await explainEventById(io, app, found.seq)
    for (const line of lines) await io.out(line)
    return 0
  })
}
