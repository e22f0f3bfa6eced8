import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Spool, type SpoolOptions } from '../../src/probe/spool/spool.ts'
import type { Run } from '../../src/protocol/run.ts'
import { createLogger } from '../../src/runtime/logger.ts'

/** A spool for tests; the test closes it. */
export function openSpool(folder: string, options: Partial<SpoolOptions> = {}): Promise<Spool> {
  return Spool.open({
    folder,
    bytesMax: 64 * 1024 * 1024,
    logger: createLogger('spool', process.env.TEST_LOG_LEVEL ?? 'silent'),
    ...options,
  })
}

const EVERYTHING = { runsMax: 1_000_000, bytesMax: 1_000_000_000 }

/** Every run that waits to be sent, oldest first, as it would be sent. */
export async function unsentRuns(spool: Spool): Promise<Run[]> {
  const runs = await spool.unsent('oldest', EVERYTHING)
  return runs.map(({ json }) => JSON.parse(json) as Run)
}

export async function unsentIds(spool: Spool): Promise<string[]> {
  return (await unsentRuns(spool)).map(({ runId }) => runId)
}

/** What the spool notes when the run begins. */
export function begunOf({ runId, checkId, slotAt, startedAt, definitionHash }: Run) {
  return { runId, checkId, slotAt, startedAt, definitionHash }
}

/** What a spool has written so far, as text, also while a probe holds it. */
export async function journalOf(spoolFolder: string): Promise<string> {
  const names = (await readdir(spoolFolder)).filter((name) => name.endsWith('.journal'))
  const texts = await Promise.all(
    names.toSorted().map((name) => readFile(join(spoolFolder, name), 'utf8')),
  )
  return texts.join('')
}
