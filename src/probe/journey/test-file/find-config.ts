import { existsSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'

/** In the order in which Playwright itself looks for them. */
const NAMES = ['ts', 'js', 'mts', 'mjs', 'cts', 'cjs'].map((end) => `playwright.config.${end}`)

/**
 * The Playwright config of a test file: the nearest one from the file's folder up to `root`; undefined when
 * there is none. Above `root` lies what no probe was given.
 */
export function findConfig(
  file: string,
  root: string,
  exists: (path: string) => boolean = existsSync,
): string | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const found = NAMES.map((name) => join(folder, name)).find(exists)
    if (found !== undefined) return found
    if (folder === root || !folder.startsWith(root + sep)) return undefined
  }
}
