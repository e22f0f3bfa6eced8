import type { FailureGroup, LiveEvent } from '../../protocol/public-api.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import type { FailuresAnswer } from '../live/answers.ts'
import { useResource } from '../live/use-resource.ts'
import { pageAddress } from '../routing/route.ts'
import { useFilter } from '../routing/use-filter.ts'
import { failuresSentence, whereWords } from '../words/failure-words.ts'
import { count, joinNames } from '../words/quantity.ts'
import { firstLine } from '../words/run-sentence.ts'
import { SLOT_WORDS } from '../words/slot-words.ts'
import { timeRange } from '../words/time-ranges.ts'
import { LoadNotice } from './load-notice.tsx'
import { Moment } from './moment.tsx'

const RELOAD_GAP_MS = 5_000

/** What went wrong with a check, each cause once; those of the probes apart. */
export function FailureList({ checkId }: { checkId: string }) {
  const range = timeRange(useFilter('range'))
  const query = { since: -range.reachMs }
  const resource = useResource<FailuresAnswer>(addressOf(PATHS.failures, { checkId }, query), {
    reloadGapMs: (event: LiveEvent) =>
      event.type === 'slot' && event.checkId === checkId && event.slot.end !== 'passed'
        ? RELOAD_GAP_MS
        : undefined,
  })
  const answer = resource.data
  return (
    <section aria-label="Failures">
      <h2>What went wrong</h2>
      <LoadNotice resource={resource} />
      {answer && <p class="quiet">{failuresSentence(answer.failures, range.text)}</p>}
      {answer && answer.failures.length > 0 && <Groups groups={answer.failures} />}
      {answer && answer.probeFaults.length > 0 && (
        <>
          <p class="quiet">The probes could not measure, which says nothing about the target:</p>
          <Groups groups={answer.probeFaults} />
        </>
      )}
    </section>
  )
}

function Groups({ groups }: { groups: readonly FailureGroup[] }) {
  return (
    <ol class="card failures">
      {groups.map((group) => (
        <li key={group.signature}>
          <p class="failure-head">
            <strong class={`tone-${group.verdict}`}>{count(group.runs, 'run')}</strong>
            <span class={`tone-${group.verdict}`}>{SLOT_WORDS[group.verdict].word}</span>
            {whereWords(group) && <span>{whereWords(group)}</span>}
            {group.errorType && <span class="quiet">{group.errorType}</span>}
          </p>
          <p class="message">{firstLine(group.message)}</p>
          <p class="quiet failure-facts">
            <span>in {joinNames(group.regionIds)}</span>
            <span>
              {group.runs > 1 && (
                <>
                  first <Moment at={group.firstSlotAt} />,{' '}
                </>
              )}
              {group.runs > 1 ? 'last ' : 'at '}
              <Moment at={group.lastSlotAt} />
            </span>
            <a href={pageAddress.run(group.lastRunId)}>
              {group.runs > 1 ? 'Open the latest run' : 'Open the run'}
              <span class="unseen"> of: {firstLine(group.message)}</span>
            </a>
          </p>
        </li>
      ))}
    </ol>
  )
}
