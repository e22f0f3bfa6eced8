import { SCRAPED_SHARE_MIN, type ScrapeCounts } from '../../domain/signal/judge-scrape.ts'
import type { QueryOf } from '../../protocol/query.ts'

type Scrape = NonNullable<QueryOf<'prometheus'>['scrape']>

/** The label by which one answer holds several numbers. */
export const SCRAPE_LABEL = 'firewatch'

/**
 * PromQL of everything that says whether a job was scraped, as one query. What should have been tried is
 * summed over the targets that were known at each moment, so that a deployment lacks nothing.
 */
export function scrapeQuery({ up, overMs, intervalMs }: Scrape): string {
  const window = `${Math.round(overMs / 1_000)}s`
  const steps = `[${window}:${Math.round(intervalMs / 1_000)}s]`
  const numbers: { [N in keyof Omit<ScrapeCounts, 'momentsExpected'>]: string } = {
    targets: `count(${up})`,
    missing: `count(avg_over_time(${up}[${window}]) < ${SCRAPED_SHARE_MIN} and ${up})`,
    attempts: `sum(count_over_time(${up}[${window}]))`,
    expected: `sum_over_time(count(${up})${steps})`,
    moments: `count_over_time(count(${up})${steps})`,
  }
  return Object.entries(numbers)
    .map(([name, text]) => `label_replace(${text}, "${SCRAPE_LABEL}", "${name}", "", "")`)
    .join(' or ')
}

/** Its answer. What is not counted is none: `count` of nothing gives no series. */
export function scrapeCounts(
  values: ReadonlyMap<string, number>,
  { overMs, intervalMs }: Scrape,
): ScrapeCounts {
  const of = (name: keyof ScrapeCounts) => values.get(name) ?? 0
  return {
    targets: of('targets'),
    missing: of('missing'),
    attempts: of('attempts'),
    expected: of('expected'),
    moments: of('moments'),
    momentsExpected: Math.floor(overMs / intervalMs),
  }
}
