import { describeDuration } from '../../base/duration.ts'
import type { LiveEvent, RunSummary } from '../../protocol/public-api.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import { useResource } from '../live/use-resource.ts'
import { pageAddress } from '../routing/route.ts'
import { useFilter } from '../routing/use-filter.ts'
import { lastAttemptWords } from '../words/attempt-words.ts'
import { firstLine } from '../words/run-sentence.ts'
import { SLOT_WORDS } from '../words/slot-words.ts'
import { FilterLinks } from './filter-links.tsx'
import { LoadNotice } from './load-notice.tsx'
import { Moment } from './moment.tsx'

const RUNS_SHOWN = 25
const RELOAD_MS = 3_000

const VERDICTS = ['failed', 'degraded', 'passed', 'probe_fault'] as const

/** The newest runs of a check, by verdict, and by the region that the page is narrowed to. */
export function RunList(props: { checkId: string; regionIds: readonly string[] }) {
  const { checkId, regionIds } = props
  const verdict = VERDICTS.find((known) => known === useFilter('verdict'))
  const region = regionIds.find((known) => known === useFilter('region'))
  const query = { check: checkId, verdict, region, limit: RUNS_SHOWN }
  const resource = useResource<{ data: RunSummary[] }>(addressOf(PATHS.runs, {}, query), {
    reloadGapMs: (event: LiveEvent) =>
      event.type === 'slot' && event.checkId === checkId ? RELOAD_MS : undefined,
  })
  const runs = resource.data?.data
  return (
    <section aria-label="Runs">
      <div class="toolbar">
        <h2>Newest runs</h2>
        <FilterLinks
          label="Verdict"
          name="verdict"
          options={[
            { value: 'all', text: 'all' },
            ...VERDICTS.map((value) => ({ value, text: SLOT_WORDS[value].word })),
          ]}
        />
        {region !== undefined && <span>in {region}</span>}
      </div>
      <LoadNotice resource={resource} />
      <ul class="card runs">
        {runs?.map((run) => (
          <RunLine key={run.runId} run={run} />
        ))}
        {runs?.length === 0 && <li class="empty">No such run is kept.</li>}
      </ul>
    </section>
  )
}

function RunLine({ run }: { run: RunSummary }) {
  return (
    <li>
      <a href={pageAddress.run(run.runId)}>
        <Moment at={run.slotAt} />
      </a>
      <span class={`tone-${run.verdict}`}>
        {SLOT_WORDS[run.verdict].word}
        {run.attempt > 1 && <span title={lastAttemptWords(run)}> at attempt {run.attempt}</span>}
      </span>
      <span>{run.regionId}</span>
      <span>{describeDuration(run.durationMs)}</span>
      {run.error && <span class="quiet run-error">{firstLine(run.error.message)}</span>}
    </li>
  )
}
