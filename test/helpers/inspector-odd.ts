import { Buffer } from 'node:buffer'
import type { Filling, KeepDelivery } from './inspector-fill.ts'
import { cloudEvents, signature, token } from './listening.ts'

/** Text that is markup, script, an escape or turned round wherever it is not shown as text. */
export const hostile = [
  '<img src=x onerror="alert(1)">',
  '"><script>alert(2)</script>',
  "javascript:alert('3')",
  '\u202egnp.exe\u202c \u001b[31mred\u0007',
  '</script><svg onload=alert(4)>{{constructor.constructor("alert(5)")()}}',
]

/** Adds deliveries that are hard to show, and requests that did not verify. */
export async function fillOdd(filling: Filling, keep: KeepDelivery): Promise<void> {
  const { store, app, now } = filling
  const at = now - 45_000
  await keep(filling, cloudEvents(['1', '2', '3']), { at })
  await keep(filling, cloudEvents(['1', '9341453900000009999']), { at })
  for (let index = 0; index < 6; index++) {
    await keep(filling, cloudEvents(['9341453900000009999'], { intuitentityid: String(index) }), { at: at + index })
  }
  await keep(filling, cloudEvents([hostile[0] as string]), { at })
  const again = cloudEvents(['2'])
  for (let times = 0; times < 3; times++) await keep(filling, again, { at: at + 10 + times })
  await keep(filling, Buffer.from(Array.from({ length: 700 }, (_, index) => (index * 89) % 256)), { at })
  await keep(
    filling,
    cloudEvents(['1']).replace('"data":{}', `"data":{"secret":"${token}","big":12345678901234567890,"big":1}`),
    { at },
  )
  await keep(filling, cloudEvents(['4'], { data: deep(40), note: 'x'.repeat(20_000) }), { at })
  await keep(filling, cloudEvents(['4'], { data: 'y'.repeat(1_500_000) }), { at: at + 20 })
  await keep(filling, cloudEvents(['1']), { at, verified: 'none', scheme: null, secretFingerprint: '' })
  for (const text of hostile) {
    const fields = { type: `qbo.${text}.created.v1`, intuitentityid: text, [text]: text, time: text }
    await keep(filling, cloudEvents(['3'], fields), {
      at,
      suffix: `/${encodeURIComponent(text)}`,
      moreHeaders: ['x-note', latin1(text)],
    })
  }
  const reasons = ['wrong-secret', 'too-old', 'missing-header', 'body-changed', 'no-secret']
  for (let index = 0; index < 40; index++) {
    const body = Buffer.from(index < 5 ? (hostile[index] as string) : cloudEvents(['1']))
    const headers = ['content-type', 'application/json', 'intuit-signature', signature(body, 'another secret')]
    await store.write('keepRejected', {
      appId: app.id,
      receivedAt: now - index * 600_000,
      method: 'POST',
      path: '/hooks/quickbooks',
      suffix: '',
      headers: JSON.stringify(headers),
      body,
      bytes: body.length,
      status: 401,
      reason: reasons[index % 5] as string,
      detail: index === 0 ? (hostile[1] as string) : 'intuit-signature was not made with the stored secret',
      source: 'delivery',
      activation: null,
    })
  }
}

/** A header has one byte a character and no control characters. */
function latin1(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?')
}

function deep(levels: number): object {
  return levels === 0 ? { end: true } : { level: levels, list: [1, 'two', null], below: deep(levels - 1) }
}
