import type { BacktestCursor, BacktestPiece, Firing } from '../../protocol/backtest.ts'
import { type Comparison, compareFirings } from '../../protocol/compare-firings.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import { fetchJson, type LoadProblem } from './fetch-json.ts'

/** Pieces of one back-test; a month of a check in ten regions each second is fewer. */
const PIECES_MAX = 20_000

export type Played = Comparison & { runs: number }

/**
 * Plays a rule over a check's stored runs, piece by piece, and compares with its incidents.
 *
 * @param rule the check's own when undefined.
 * @param onProgress a share of the time that is played.
 */
export async function playBacktest(
  checkId: string,
  { rule, since, until }: { rule: object | undefined; since: number; until: number },
  { signal, onProgress }: { signal: AbortSignal; onProgress(share: number): void },
): Promise<Played | { problem: LoadProblem }> {
  const firings: Firing[] = []
  let runs = 0
  let incidents: BacktestPiece['incidents'] = []
  let cursor: BacktestCursor | undefined
  for (let pieces = 0; pieces < PIECES_MAX; pieces++) {
    const answer = await fetchJson<BacktestPiece>(addressOf(PATHS.backtest, { checkId }), signal, {
      ...{ since, until },
      ...(rule && { rule }),
      ...(cursor && { cursor }),
    })
    if ('problem' in answer) return answer
    const piece = answer.data
    firings.push(...piece.firings)
    runs += piece.runs
    incidents = piece.incidents ?? incidents
    cursor = piece.next
    if (!cursor) return { runs, ...compareFirings(firings, incidents ?? [], { checkId, until }) }
    onProgress((cursor.from - since) / (until - since))
  }
  return { problem: { title: 'There are too many runs; a shorter time has fewer' } }
}
