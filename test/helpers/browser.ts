/** A page as a browser would hold it after its redirects. */
export interface BrowserPage {
  url: string
  status: number
  headers: Headers
  text: string
}

/** A browser without a window: cookies by host and path (RFC 6265), redirects followed one by one. */
export interface Browser {
  get(url: string): Promise<BrowserPage>
  post(url: string, headers?: Record<string, string>): Promise<BrowserPage>
  /** Requests without following a redirect. */
  step(method: string, url: string, headers?: Record<string, string>): Promise<BrowserPage>
  cookies: { host: string; path: string; name: string; value: string; attributes: string }[]
}

export function openBrowser(): Browser {
  const cookies: Browser['cookies'] = []

  async function step(method: string, url: string, headers: Record<string, string> = {}): Promise<BrowserPage> {
    const { hostname, pathname } = new URL(url)
    const fitting = cookies.filter(({ host, path }) => host === hostname && pathname.startsWith(path))
    const cookie = fitting.map(({ name, value }) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { ...headers, ...(cookie ? { cookie } : {}) },
    })
    for (const line of response.headers.getSetCookie()) keep(hostname, line)
    return { url, status: response.status, headers: response.headers, text: await response.text() }
  }

  function keep(host: string, line: string): void {
    const [, name, value, attributes] = /^([^=]+)=([^;]*);?(.*)$/.exec(line) as unknown as [
      string,
      string,
      string,
      string,
    ]
    const path = /path=([^;]+)/i.exec(attributes)?.[1] ?? '/'
    const known = cookies.findIndex(cookie => cookie.host === host && cookie.path === path && cookie.name === name)
    if (known >= 0) cookies.splice(known, 1)
    cookies.push({ host, path, name, value, attributes })
  }

  async function follow(page: BrowserPage): Promise<BrowserPage> {
    let here = page
    for (let count = 0; count < 10; count++) {
      const location = here.headers.get('location')
      if (here.status < 300 || here.status > 399 || !location) return here
      here = await step('GET', new URL(location, here.url).href)
    }
    throw new Error('too many redirects')
  }

  return {
    get: async url => follow(await step('GET', url)),
    post: async (url, headers) => follow(await step('POST', url, headers)),
    step,
    cookies,
  }
}
