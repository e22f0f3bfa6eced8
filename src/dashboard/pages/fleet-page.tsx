import type { LiveEvent, ProbeStatus, RegionStatus } from '../../protocol/public-api.ts'
import { PATHS } from '../../protocol/public-paths.ts'
import { useResource } from '../live/use-resource.ts'
import { Facts } from '../parts/facts.tsx'
import { fetchedPart } from '../parts/fetched-part.tsx'
import { LoadNotice } from '../parts/load-notice.tsx'
import { Age } from '../parts/moment.tsx'
import { PageHeading } from '../parts/page-heading.tsx'
import { Skeleton } from '../parts/skeleton.tsx'
import { fleetSentence, regionWords } from '../words/fleet-words.ts'
import { bytesWords, count, UNKNOWN } from '../words/quantity.ts'

const QueryList = fetchedPart(async () => (await import('../parts/query-list.tsx')).QueryList)

/** Each probe reports every few seconds, and each report is a hint to load again. */
const REGION_RELOAD_GAP_MS = 2_000

const follow = {
  reloadGapMs: (event: LiveEvent) => (event.type === 'region' ? REGION_RELOAD_GAP_MS : undefined),
}

export function FleetPage() {
  const resource = useResource<{ data: RegionStatus[] }>(PATHS.regions, follow)
  const regions = resource.data?.data
  return (
    <>
      <PageHeading title="Fleet">{regions ? fleetSentence(regions) : 'Loading …'}</PageHeading>
      <LoadNotice resource={resource} />
      {regions ? (
        <div class="regions">
          {regions.map((region) => (
            <Region key={region.regionId} region={region} />
          ))}
        </div>
      ) : (
        <Skeleton rows={6} label="Loading the regions" />
      )}
      <QueryList />
    </>
  )
}

const TONES = { ok: 'tone-passed', silent: 'tone-failed', waiting: 'tone-unknown' } as const
const SIGNS = { ok: '✓', silent: '✗', waiting: '…' } as const

function Region({ region }: { region: RegionStatus }) {
  return (
    <section class="card region" data-region={region.regionId}>
      <div class="region-head">
        <h2>{region.regionId}</h2>
        {region.name !== region.regionId && <span class="quiet">{region.name}</span>}
        <span class={TONES[region.state]}>
          <span aria-hidden="true">{SIGNS[region.state]} </span>
          {regionWords(region)}
        </span>
        {region.probes.length === 0 && region.lastSeenAt !== undefined && (
          <span class="quiet">
            heard <Age at={region.lastSeenAt} suffix=" ago" />
          </span>
        )}
      </div>
      {region.probes.map((probe) => (
        <Probe key={probe.probeId} probe={probe} />
      ))}
      {region.probes.length === 0 && (
        <p class="empty">
          No probe of this region has reported. Start one with <code>firewatch probe</code> and{' '}
          <code>FIREWATCH_REGION={region.regionId}</code>.
        </p>
      )}
    </section>
  )
}

function Probe({ probe }: { probe: ProbeStatus }) {
  const { heartbeat } = probe
  const { capacity, running, spool } = heartbeat
  const lost = spool.droppedRuns + spool.droppedArtifacts + spool.damagedRecords
  return (
    <article class="probe">
      <h3>
        {probe.probeId}{' '}
        <span class={TONES[probe.state]}>
          {SIGNS[probe.state]} {probe.state}
        </span>
      </h3>
      <Facts
        facts={[
          ['heard', <Age key="age" at={probe.lastSeenAt} suffix=" ago" />],
          ['running for', <Age key="age" at={heartbeat.startedAt} />],
          ['version', heartbeat.version],
          ['network checks', `${running.network} of ${capacity.network} at once`],
          ['journeys', `${running.browsers} of ${capacity.browsers} at once`],
          ['browser', heartbeat.browser ?? UNKNOWN],
          ['waiting to be sent', `${count(spool.runs, 'run')}, ${bytesWords(spool.bytes)}`],
          [
            'dropped at a limit',
            lost === 0
              ? 'nothing'
              : `${count(spool.droppedRuns, 'run')}, ${count(spool.droppedArtifacts, 'artifact')}, ${count(spool.damagedRecords, 'damaged record')}`,
          ],
          ['slots shed', `${count(heartbeat.shedSlots, 'slot')} since it started`],
          ['assignment', heartbeat.assignmentHash ?? UNKNOWN],
          ['comes in by', probe.credential ? 'a credential of its own' : 'the shared token'],
        ]}
      />
    </article>
  )
}
