import { execFile } from 'node:child_process'
import { basename, dirname } from 'node:path'

/** Whether git has the file under version control. Without git, or outside a repository, it has not. */
export async function isGitTracked(file: string, env: Record<string, string | undefined>): Promise<boolean> {
  return succeeds(file, ['ls-files', '--error-unmatch', '--', basename(file)], env)
}

/** Whether the file is in a repository that would offer to add it. */
export async function isGitVisible(file: string, env: Record<string, string | undefined>): Promise<boolean> {
  if (!(await succeeds(file, ['rev-parse', '--is-inside-work-tree'], env))) return false
  return !(await succeeds(file, ['check-ignore', '-q', '--', basename(file)], env))
}

/** Runs git in the file's folder, with an environment that holds no secret. */
function succeeds(file: string, args: string[], { PATH, HOME }: Record<string, string | undefined>): Promise<boolean> {
  return new Promise(resolve => {
    execFile('git', args, { cwd: dirname(file), env: { PATH, HOME }, timeout: 10_000 }, error =>
      resolve(error === null),
    )
  })
}
