import { describe, expect, it } from 'vitest'
import { isFinal, missingAuthtoken, ngrokError } from '../../src/tunnel/ngrok-errors.ts'

const authtoken = '2aBcD_4eFgH9xYz'

function everything(error: ReturnType<typeof ngrokError>): string {
  return JSON.stringify([error.message, error.why, error.next, error.cause, error.stack])
}

describe('codes that ngrok documents', () => {
  it.each([
    ['105', 'refuses the authtoken', 'your-authtoken', true],
    ['107', 'refuses the authtoken', 'add-authtoken', true],
    ['108', 'another ngrok agent', 'dashboard.ngrok.com/agents', false],
    ['121', 'no longer accepts this version', 'newest whs', true],
    ['205', 'suspended', 'support@ngrok.com', true],
    ['319', 'does not give this domain', '--domain', true],
    ['334', 'in use', '--domain', false],
    ['727', 'limit is reached', 'billing', false],
    ['1200', 'not verified', 'mail', true],
    ['4018', 'refuses the authtoken', 'NGROK_AUTHTOKEN', true],
  ])('ERR_NGROK_%s', (number, what, next, final) => {
    const text = `failed to connect session: Something. Your authtoken: ${authtoken} error_code: ERR_NGROK_${number}`
    const error = ngrokError(new Error(text), authtoken)
    expect(error).toMatchObject({ code: `ngrok-${number}`, exit: 6 })
    expect(error.message.toLowerCase()).toContain(what.toLowerCase())
    expect(error.message).toContain(`(ERR_NGROK_${number})`)
    expect(error.next).toContain(next)
    expect(error.why).not.toBe('')
    expect(isFinal(error)).toBe(final)
    expect(everything(error)).not.toContain(authtoken)
  })
})

describe('what has no code', () => {
  it.each([
    ['failed to connect session: failed to establish tcp connection', 'ngrok-unreachable'],
    ['failed to connect session: tls handshake error', 'ngrok-certificate'],
    ['failed to start listener: transport error', 'ngrok-failed'],
  ])('%s', (text, code) => {
    const error = ngrokError(new Error(text), authtoken)
    expect(error).toMatchObject({ code, exit: 6 })
    expect(isFinal(error)).toBe(false)
  })
})

describe('an unknown code', () => {
  it("shows ngrok's first line without the authtoken, and where to read on", () => {
    const text = `Odd thing with ${authtoken}. Your authtoken: another_One\u001b[31m\r\nERR_NGROK_98765`
    const error = ngrokError(new Error(text), authtoken)
    expect(error).toMatchObject({ code: 'ngrok-98765', exit: 6, why: 'Odd thing with ***. Your authtoken: ***' })
    expect(error.next).toBe('https://ngrok.com/docs/errors/err_ngrok_98765')
    expect(everything(error)).not.toContain(authtoken)
    expect(everything(error)).not.toContain('another_One')
  })

  it('keeps control characters away from the terminal', () => {
    const error = ngrokError(new Error('a\u001b]0;x\u0007b error_code: ERR_NGROK_98765'), authtoken)
    expect(error.why).toBe('a·]0;x·b error_code: ERR_NGROK_98765')
  })
})

it('a missing authtoken names the three ways out', () => {
  const error = missingAuthtoken()
  expect(error.exit).toBe(3)
  expect(error.next).toContain('NGROK_AUTHTOKEN')
  expect(error.next).toContain('--tunnel https://')
  expect(error.next).toContain('--tunnel none')
})
