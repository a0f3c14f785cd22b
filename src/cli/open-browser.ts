/** Opens a page in the person's browser. False where there seems to be none. */
export async function openBrowser(url: string): Promise<boolean> {
  try {
    const { default: open } = await import('open')
    const child = await open(url)
    return await new Promise<boolean>(resolve => {
      child.once('error', () => resolve(false))
      child.once('exit', code => resolve(code === 0))
      setTimeout(() => resolve(true), 700).unref()
    })
  } catch {
    return false
  }
}
