import { randomBytes } from 'node:crypto'

/** A number in [0, 1). The only source of randomness that decisions get, as an argument. */
export const systemRandom: () => number = () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48
