import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * True when both are the same text, and in the same time wherever they first differ: their hashes have
 * one length.
 */
export const isSameSecret = (given: string, expected: string): boolean =>
  timingSafeEqual(sha256(given), sha256(expected))

const sha256 = (text: string) => createHash('sha256').update(text).digest()
