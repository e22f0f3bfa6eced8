import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * What the processes of one run of the tests have compiled, for those that start after them: reading
 * all of a probe takes a second of a processor, and half of that when it is compiled already. There
 * are hundreds of them. It is gone when the run is over, so that nothing is left from one to the next.
 */
export default async function shareCompiledCode(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.NODE_COMPILE_CACHE !== undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'firewatch-compiled-'))
  process.env.NODE_COMPILE_CACHE = folder
  return () => rm(folder, { recursive: true, force: true, maxRetries: 3 })
}
