import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

type Locked = {
  optionalDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, unknown>
}

const text = readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8')
const packages = (JSON.parse(text) as { packages: Record<string, Locked> }).packages

test('the lock file names no host: whoever installs chooses the registry', () => {
  expect(text).not.toMatch(/https?:\/\/[^"]*\.tgz/)
})

// `npm ci` refuses a lock file in which a package for another platform is missing.
test('the lock file has the packages of every platform', () => {
  const locked = new Set(
    Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)),
  )
  const missing = Object.values(packages)
    .flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
    .filter((name) => !locked.has(name))
  expect(missing).toEqual([])
})
