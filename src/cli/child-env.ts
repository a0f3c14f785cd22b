/** An environment without the secrets that whs reads from it: what child processes (--exec, $EDITOR) inherit. */
export function withoutSecrets(env: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isSecret(name)))
}

function isSecret(name: string): boolean {
  return /^(NGROK_AUTHTOKEN|WHS_.+_SECRET)$/.test(name)
}
