import { defineLoop, type Loop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { loadPublicPage } from '../status-page/load-public-page.ts'
import { readStyle } from '../status-page/render-page.ts'
import { staticFiles, writeFiles } from '../status-page/write-static-page.ts'

/** The page says as of when it is, to the minute. */
const MINUTE_MS = 60_000

/**
 * Keeps the public page in a folder as files, for a server of its own: it must be there when the
 * coordinator is not. Only what changed is written.
 */
export function writeStatusPage(folder: string): Loop<CoordinatorParts> {
  const written = new Map<string, string>()
  return defineLoop<CoordinatorParts>({
    name: 'write-status-page',
    everyMs: 2_000,
    deadlineMs: 20_000,
    async run(parts) {
      if (!parts.fleet.statusPage) return
      const page = await loadPublicPage(parts)
      const asOf = { ...page, now: page.now - (page.now % MINUTE_MS) }
      const files = staticFiles(asOf, await readStyle())
      const changed = files.filter(([path, content]) => written.get(path) !== content)
      await writeFiles(folder, changed)
      for (const [path, content] of changed) written.set(path, content)
    },
  })
}
