import { randomBytes, randomFillSync } from 'node:crypto'

/** Drawn from the system at once: each draw by itself costs more than many a request. */
const POOL_BYTES = 4_096

/** A number in [0, 1). The only source of randomness that decisions get, as an argument. */
export const systemRandom: () => number = () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48

/** Draws random bytes, as hexadecimal digits. */
export function createRandomHex(): (bytes: number) => string {
  const pool = Buffer.alloc(POOL_BYTES)
  let taken = POOL_BYTES
  return (bytes) => {
    if (taken + bytes > POOL_BYTES) {
      randomFillSync(pool)
      taken = 0
    }
    taken += bytes
    return pool.toString('hex', taken - bytes, taken)
  }
}
