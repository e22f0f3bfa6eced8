import { describeDuration } from '../../base/duration.ts'
import type { Run } from '../../protocol/run.ts'
import type { RunAnswer } from '../live/answers.ts'
import { pageAddress } from '../routing/route.ts'
import { lastAttemptWords } from '../words/attempt-words.ts'
import { qualitySentence } from '../words/quality-words.ts'
import { UNKNOWN } from '../words/quantity.ts'
import { SLOT_WORDS } from '../words/slot-words.ts'
import { ArtifactSection } from './artifact-section.tsx'
import { AssertionTable } from './assertion-table.tsx'
import { AttemptList } from './attempt-list.tsx'
import { BrowserSection } from './browser-section.tsx'
import { DiagnosisList } from './diagnosis-list.tsx'
import { ExchangeSection } from './exchange-section.tsx'
import { ExchangeWaterfall } from './exchange-waterfall.tsx'
import { Facts } from './facts.tsx'
import { Moment } from './moment.tsx'
import { RecordingSection } from './recording-section.tsx'
import { StepWaterfall } from './step-waterfall.tsx'
import { Waterfall } from './waterfall.tsx'

/** All that is told of one run. */
export function RunContent({ answer }: { answer: RunAnswer }) {
  const { run, receivedAt } = answer
  return (
    <>
      <p class="incident-facts">
        <strong class={`tone-${run.verdict}`}>{SLOT_WORDS[run.verdict].word}</strong>
        <span>
          slot <Moment at={run.slotAt} />
        </span>
        <span>
          started <Moment at={run.startedAt} />
        </span>
        <span>took {describeDuration(run.durationMs)}</span>
        {run.attempt > 1 && <span class={`tone-${run.verdict}`}>{lastAttemptWords(run)}</span>}
        <a href={pageAddress.check(run.checkId)}>Check {run.checkId}</a>
      </p>
      {run.error && (
        <section aria-label="Error">
          <h2>
            Error <span class="quiet">{run.error.type}</span>
          </h2>
          <pre class="card message">{run.error.message}</pre>
        </section>
      )}
      <DiagnosisList diagnosis={run.diagnosis} />
      <AttemptList run={run} />
      <TimeSection run={run} />
      <AssertionTable assertions={run.assertions} />
      <RecordingSection answer={answer} />
      <ArtifactSection answer={answer} />
      <BrowserSection browser={run.browser} />
      <ExchangeSection run={run} />
      <RunFacts run={run} />
      <RunLog lines={run.log} />
      <section aria-label="Measurement">
        <h2>How it was measured</h2>
        <div class="card">
          <p>{qualitySentence(run)}</p>
          <Facts facts={measurementFacts(run, receivedAt)} />
        </div>
      </section>
    </>
  )
}

function TimeSection({ run }: { run: Run }) {
  if (run.exchanges && run.exchanges.length > 0)
    return <ExchangeWaterfall exchanges={run.exchanges} />
  return run.steps.length > 0 ? <StepWaterfall steps={run.steps} /> : <Waterfall run={run} />
}

function RunFacts({ run }: { run: Run }) {
  const facts = Object.entries(run.facts)
  if (facts.length === 0) return null
  return (
    <section aria-label="Facts">
      <h2>What it found</h2>
      <div class="card">
        <Facts
          facts={facts.map(([name, value]) => [
            name,
            Array.isArray(value) ? value.join(', ') || UNKNOWN : String(value),
          ])}
        />
      </div>
    </section>
  )
}

function RunLog({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0) return null
  return (
    <section aria-label="Log">
      <h2>Log</h2>
      <pre class="card message">{lines.join('\n')}</pre>
    </section>
  )
}

function measurementFacts(run: Run, receivedAt: number) {
  const { quality } = run
  const facts: [string, string | ReturnType<typeof Moment>][] = [
    ['probe', run.probeId],
    ['received', <Moment key="received" at={receivedAt} />],
    ['trace', run.traceId ?? UNKNOWN],
    ['definition', run.definitionHash],
    ['journey file', run.scriptHash ?? UNKNOWN],
    ['run', run.runId],
  ]
  if (!quality) return facts
  const { eventLoopUtilization, eventLoopLagMs, concurrentRuns, clockOffsetMs } = quality
  const { cpuWaitMs } = quality
  facts.push(
    ['event loop busy', `${Math.round(eventLoopUtilization * 100)} %`],
    ['longest delay of the event loop', describeDuration(eventLoopLagMs)],
    ['other runs at once', String(concurrentRuns)],
    [
      'clock offset',
      clockOffsetMs === undefined ? UNKNOWN : `${Math.round(clockOffsetMs)} ms to the coordinator`,
    ],
  )
  if (cpuWaitMs !== undefined) facts.push(['waited for a processor', describeDuration(cpuWaitMs)])
  return facts
}
