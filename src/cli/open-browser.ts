/** Opens a page in the person's browser. False where there seems to be none. */
export async function openBrowser(url: string): Promise<boolean> {
  try {
    const { default: open } = await import('open')
    const child = await open(url)
    return await new Promise<boolean>(resolve => {
      // The child itself keeps no process alive, so this timer must.
      const patience = setTimeout(() => resolve(true), 700)
      const end = (opened: boolean): void => {
        clearTimeout(patience)
        resolve(opened)
      }
      child.once('error', () => end(false))
      child.once('exit', code => end(code === 0))
    })
  } catch {
    return false
  }
}
