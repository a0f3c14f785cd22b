/** Whether the whole suite is wanted (`npm run test:long`). */
const isLong = process.env.WHS_LONG === '1'

/** The size of a test: the first in `npm test`, the second in `npm run test:long`. */
export function sized<T>(short: T, long: T): T {
  return isLong ? long : short
}
