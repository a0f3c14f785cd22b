import { exits, WhsError } from '../../core/errors.ts'
import { didYouMean } from '../../core/text.ts'
import { bashScript } from '../complete/bash-script.ts'
import { type CommandNode, commandTree } from '../complete/command-tree.ts'
import { fishScript } from '../complete/fish-script.ts'
import { zshScript } from '../complete/zsh-script.ts'
import type { CommandContext } from '../context.ts'

const scripts: Record<string, (tree: CommandNode) => string> = { bash: bashScript, zsh: zshScript, fish: fishScript }

/** The script is the same in a pipe: a shell reads it. */
export async function completion({ io, program }: CommandContext, _flags: object, shell: string): Promise<number> {
  const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined
  if (!script) throw unknownShell(shell)
  await io.outBytes(Buffer.from(script(commandTree(program))))
  return exits.done
}

function unknownShell(shell: string): WhsError {
  const known = Object.keys(scripts)
  const near = didYouMean(shell, known)
  return new WhsError({
    code: 'unknown-shell',
    exit: exits.usage,
    what: `there is no completion for ${shell}`,
    why: near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there is one for ${known.join(', ')}`,
    next: `whs completion ${near[0] ?? 'bash'}`,
  })
}
