import { appendFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** When the file is larger it becomes the old one, and the old one goes: enough for an inquiry. */
const QUARANTINE_BYTES_MAX = 8 * 1024 * 1024

/**
 * Keeps runs that the coordinator refused for good, with its reason, as lines of JSON for a person to
 * look at. Nothing reads them again.
 */
export async function keepRefused(
  folder: string,
  refused: { reason: string; json: string },
): Promise<void> {
  const file = join(folder, 'refused-runs.jsonl')
  const { size } = await stat(file).catch(() => ({ size: 0 }))
  if (size > QUARANTINE_BYTES_MAX) await rename(file, join(folder, 'refused-runs.old.jsonl'))
  await appendFile(file, `{"reason":${JSON.stringify(refused.reason)},"run":${refused.json}}\n`)
}
