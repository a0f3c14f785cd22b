import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WhsError } from '../../src/core/errors.ts'
import { ngrokConfigPaths, parseNgrokAuthtoken, readNgrokAuthtoken } from '../../src/tunnel/ngrok-config.ts'

const token = '2aBcD_4eFgH-9xYz'

describe('where the file is', () => {
  it.each([
    ['linux', '/home/a', {}, ['/home/a/.config/ngrok/ngrok.yml', '/home/a/.ngrok2/ngrok.yml']],
    ['linux', '/home/a', { XDG_CONFIG_HOME: '/c' }, ['/c/ngrok/ngrok.yml', '/home/a/.ngrok2/ngrok.yml']],
    [
      'darwin',
      '/Users/a',
      {},
      [
        '/Users/a/Library/Application Support/ngrok/ngrok.yml',
        '/Users/a/.config/ngrok/ngrok.yml',
        '/Users/a/.ngrok2/ngrok.yml',
      ],
    ],
    [
      'win32',
      'C:\\Users\\a',
      {},
      ['C:\\Users\\a\\AppData\\Local\\ngrok\\ngrok.yml', 'C:\\Users\\a\\.ngrok2\\ngrok.yml'],
    ],
    [
      'win32',
      'C:\\Users\\a',
      { LOCALAPPDATA: 'D:\\L' },
      ['D:\\L\\ngrok\\ngrok.yml', 'C:\\Users\\a\\.ngrok2\\ngrok.yml'],
    ],
  ] as const)('%s, home %s, %o', (platform, home, env, expected) => {
    expect(ngrokConfigPaths({ platform, home, env })).toEqual(expected)
  })
})

describe('what is in it', () => {
  it.each([
    ['version 2', `version: 2\nauthtoken: ${token}\n`, token],
    ['version 3', `version: "3"\nagent:\n    authtoken: ${token}\n    region: eu\n`, token],
    ['both: version 3 wins', `authtoken: old\nagent:\n  authtoken: ${token}\n`, token],
    ['double quotes and a comment', `authtoken: "${token}" # mine\n`, token],
    ['single quotes', `authtoken: '${token}'`, token],
    ['a quoted key', `"agent":\n  "authtoken": ${token}`, token],
    ['Windows line ends and a byte order mark', `\ufeffversion: 2\r\nauthtoken: ${token}\r\n`, token],
    ['comments and blank lines between', `agent: # v3\n\n# x\n  # authtoken: no\n  authtoken: ${token}`, token],
    ['nothing', '', undefined],
    ['an empty value', 'agent:\n  authtoken:\n', undefined],
    ['a null', 'authtoken: null', undefined],
    ['an empty value with a comment', 'authtoken: # later', undefined],
    ['a commented-out key', `#authtoken: ${token}`, undefined],
    ['the key of another block', `tunnels:\n  authtoken: ${token}\n`, undefined],
    ['a deeper key inside agent', `agent:\n  metadata: |\n    authtoken: ${token}\n`, undefined],
    ['a key that only begins alike', `authtoken_old: ${token}`, undefined],
  ])('%s', (_name, yaml, expected) => {
    expect(parseNgrokAuthtoken(yaml, 'ngrok.yml')).toBe(expected)
  })

  it.each([
    ['a block scalar', 'version: 2\nauthtoken: >-\n  secretpart', 2],
    ['an anchor', 'authtoken: &x secretpart', 1],
    ['two words', 'authtoken: secretpart two', 1],
    ['a quote that does not end', 'authtoken: "secretpart', 1],
    ['an escape', 'authtoken: "secretpart\\u0041"', 1],
    ['a variable', 'agent:\n  authtoken: $secretpart', 2],
    ['agent in braces', 'agent: {authtoken: secretpart}', 1],
    ['a tab', 'agent:\n\tauthtoken: secretpart', 2],
  ])('%s is refused with its line and without its value', (_name, yaml, line) => {
    const error = caught(() => parseNgrokAuthtoken(yaml, '/x/ngrok.yml'))
    expect(error).toMatchObject({ code: 'ngrok-config', exit: 2 })
    expect(error.why).toContain(`/x/ngrok.yml, line ${line}`)
    expect(`${error.message} ${error.why} ${error.next}`).not.toContain('secretpart')
  })
})

describe('reading it', () => {
  let home: string
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'whs-ngrok-'))
  })
  afterEach(() => rm(home, { recursive: true }))

  async function put(path: string, text: string): Promise<string> {
    const full = join(home, path)
    await mkdir(dirname(full), { recursive: true })
    await writeFile(full, text)
    return full
  }

  it('finds none where there is no file', async () => {
    expect(await readNgrokAuthtoken({ platform: 'linux', home, env: {} })).toBeUndefined()
  })

  it('falls back to the place of old agents and says where it found it', async () => {
    const path = await put('.ngrok2/ngrok.yml', `authtoken: ${token}`)
    expect(await readNgrokAuthtoken({ platform: 'linux', home, env: {} })).toEqual({ authtoken: token, path })
  })

  it('reads only the first file there is, as ngrok does', async () => {
    await put('.ngrok2/ngrok.yml', `authtoken: ${token}`)
    await put('.config/ngrok/ngrok.yml', 'version: 3')
    expect(await readNgrokAuthtoken({ platform: 'linux', home, env: {} })).toBeUndefined()
  })

  it('says so when the file cannot be read', async () => {
    const path = await put('.config/ngrok/ngrok.yml/inner', '')
    await chmod(path, 0o600)
    await expect(readNgrokAuthtoken({ platform: 'linux', home, env: {} })).rejects.toMatchObject({
      exit: 2,
      why: expect.stringContaining('EISDIR'),
    })
  })
})

function caught(run: () => unknown): WhsError {
  try {
    run()
  } catch (error) {
    if (error instanceof WhsError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
