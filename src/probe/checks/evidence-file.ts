import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  EXCHANGE_ARTIFACT,
  type ExchangeFile,
  type RecordedExchange,
} from '../../protocol/exchange.ts'
import type { Mask } from '../../runtime/mask-secrets.ts'
import type { ArtifactFile } from './check-runner.ts'

type EvidenceContext = { runId: string; tempFolder: string; mask: Mask }

/**
 * Keeps the exchanges of a run that did not pass as one of its files. The secrets of the check are
 * masked; whoever recorded the exchanges has masked what looks like one.
 *
 * @returns undefined when the disk does not take it: a verdict is worth more than its evidence.
 */
export async function saveEvidence(
  exchanges: readonly RecordedExchange[],
  { runId, tempFolder, mask }: EvidenceContext,
): Promise<ArtifactFile | undefined> {
  const file: ExchangeFile = { exchanges: [...exchanges] }
  const text = mask(JSON.stringify(file))
  const path = join(tempFolder, `${runId}.${EXCHANGE_ARTIFACT}`)
  try {
    await writeFile(path, text)
  } catch {
    return undefined // The run itself says what failed.
  }
  return {
    name: EXCHANGE_ARTIFACT,
    mediaType: 'application/json',
    bytes: Buffer.byteLength(text),
    path,
  }
}
