import { createRequire, registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'

/** What test files import, and what it is in the package that this probe has. */
const NAMES: Readonly<Record<string, string>> = {
  '@playwright/test': 'playwright/test',
  'playwright/test': 'playwright/test',
  playwright: 'playwright',
}

/**
 * Lets every module of this process, wherever it lies, have the Playwright of this probe, by import and by
 * require. A test file needs no installation of its own then; and where it has one, the runner and the file
 * would otherwise be two copies, which Playwright refuses.
 */
export function sharePlaywright(): void {
  const require = createRequire(import.meta.url)
  // Before there is a hook, which would be asked for these as well.
  const files = new Map(
    Object.entries(NAMES).map(([specifier, name]) => [
      specifier,
      { import: import.meta.resolve(name), require: pathToFileURL(require.resolve(name)).href },
    ]),
  )
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const file = files.get(specifier)
      if (!file) return nextResolve(specifier, context)
      const kind = context.conditions.includes('import') ? 'import' : 'require'
      return { url: file[kind], shortCircuit: true }
    },
  })
}
