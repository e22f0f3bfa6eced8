import { createHash } from 'node:crypto'
import { compareText } from './problem.ts'

/** SHA-256 of the value as JSON with sorted keys: hex, first 16 digits. */
export function canonicalHash(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sortKeys(value)))
    .digest('hex')
    .slice(0, 16)
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => compareText(a, b))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]))
}
