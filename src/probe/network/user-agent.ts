import { readFileSync } from 'node:fs'

let known: string | undefined

/** How the probe names itself to targets, so that they can leave it out of their statistics. */
export function userAgent(): string {
  known ??= `Firewatch/${ownVersion()} (+synthetic)`
  return known
}

export function ownVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { version?: unknown }
  return typeof version === 'string' ? version : '0'
}
