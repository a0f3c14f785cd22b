import { connect } from 'node:net'

const patienceMs = 1_000

/** Why nobody is at the host and port of a URL, in a few words; null where something listens, or it cannot be told. */
export async function absentAt(url: string): Promise<string | null> {
  const { hostname, host, port, protocol } = new URL(url)
  const number = Number(port || (protocol === 'https:' ? 443 : 80))
  const hosts = hostname === 'localhost' ? ['127.0.0.1', '::1'] : [hostname.replace(/^\[|\]$/g, '')]
  const faults = await Promise.all(hosts.map(one => faultOf(one, number)))
  if (faults.includes(null)) return null
  if (faults.some(fault => fault === 'ENOTFOUND' || fault === 'EAI_AGAIN')) return `${hostname} has no address`
  return faults.includes('ECONNREFUSED') ? `nothing listens at ${host}` : `${host} cannot be reached`
}

const absent = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
]

function faultOf(host: string, port: number): Promise<string | null> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout: patienceMs })
    const end = (fault: string | null): void => {
      socket.destroy()
      resolve(fault)
    }
    socket.once('connect', () => end(null))
    socket.once('timeout', () => end(null))
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) => end(absent.includes(code) ? code : null))
  })
}
