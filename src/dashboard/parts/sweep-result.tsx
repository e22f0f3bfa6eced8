import type { Swept } from '../../protocol/sweep.ts'
import { pageAddress } from '../routing/route.ts'
import {
  answerWords,
  checkStanding,
  provenanceWords,
  queryStanding,
  regionWords,
  type SweptStanding,
} from '../words/sweep-words.ts'
import { ReadingRows } from './reading-table.tsx'

/** What everything that was asked in a sweep said, what is bad first. */
export function SweepResult({ result: { queries, checks } }: { result: Swept }) {
  const rows = [
    ...queries.map((query) => ({
      key: `query ${query.queryId}`,
      standing: queryStanding(query),
      words: (
        <>
          {query.name}: <strong>{answerWords(query)}</strong>
          <span class="quiet event-detail">{provenanceWords(query)}</span>
          {query.answer.kind === 'number' && query.answer.table && (
            <ReadingRows
              caption={`${query.name} by ${query.answer.table.by}`}
              table={query.answer.table}
            />
          )}
        </>
      ),
    })),
    ...checks.map((check) => ({
      key: `check ${check.checkId}`,
      standing: checkStanding(check),
      words: (
        <>
          <a href={pageAddress.check(check.checkId)}>{check.name}</a>
          {check.regions.map((region, index) => (
            <span key={region.regionId}>
              {index === 0 ? ' ' : '; '}
              {region.kind === 'run' ? (
                <a href={pageAddress.run(region.runId)}>{regionWords(region, check.deadlineMs)}</a>
              ) : (
                regionWords(region, check.deadlineMs)
              )}
            </span>
          ))}
        </>
      ),
    })),
  ]
  const ORDER: readonly SweptStanding[] = ['failed', 'quiet', 'passed']
  return (
    <ul class="sweep">
      {rows
        .toSorted((a, b) => ORDER.indexOf(a.standing) - ORDER.indexOf(b.standing))
        .map(({ key, standing, words }) => (
          <li key={key}>
            <span class={standing === 'quiet' ? 'quiet' : `tone-${standing}`} aria-hidden="true">
              {MARKS[standing]}
            </span>{' '}
            <span class="unseen">{SAID[standing]}: </span>
            {words}
          </li>
        ))}
    </ul>
  )
}

const MARKS: { readonly [S in SweptStanding]: string } = { failed: '✗', passed: '✓', quiet: '·' }
const SAID: { readonly [S in SweptStanding]: string } = {
  failed: 'bad',
  passed: 'well',
  quiet: 'says nothing of good or bad',
}
