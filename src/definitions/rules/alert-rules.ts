import { formatDuration } from '../../base/duration.ts'
import { COORDINATOR_REGION } from '../../protocol/ids.ts'
import { quote } from '../printable.ts'
import type { Problem } from '../problem.ts'
import { findPlace, type Path, problemAt, valueAt, type YamlFile } from '../yaml/yaml-file.ts'
import { durationAt, durationProblems, writtenAt } from './duration-rules.ts'
import { checkPaths, whereWritten } from './inherited.ts'

/** Most runs that one evaluation of a rule looks at. */
export const RUNS_IN_WINDOW_MAX = 5_000

const WINDOWED = ['ratio', 'latency'] as const
const REPEATED = ['failures', 'degraded'] as const

/** What the engine uses where a window does not say otherwise; see `resolve-alert.ts`. */
const WITHIN_MS = 600_000
const SAMPLES_MIN = 20

/** Regions as `config/regions.yaml` has them; undefined where it could not be read. */
export type KnownRegions = readonly { id: string; provider?: string | undefined }[] | undefined

/** Rules that could never fire, or never end, or that say a thing twice. */
export function alertProblems(yaml: YamlFile, known: KnownRegions): Problem[] {
  const checks = checkPaths(yaml)
  return [
    ...[['defaults'] as Path, ...checks].flatMap((holder) => [
      ...twoQuorums(yaml, holder),
      ...REPEATED.flatMap((name) => moreThanThereAre(yaml, [...holder, 'alert', name])),
      ...WINDOWED.flatMap((name) =>
        ['within', 'for'].flatMap((key) => durationProblems(yaml, [...holder, 'alert', name, key])),
      ),
      ...durationProblems(yaml, [...holder, 'alert', 'noData', 'after']),
      ...durationProblems(yaml, [...holder, 'alert', 'flapping', 'within']),
      ...durationProblems(yaml, [...holder, 'alert', 'flapping', 'quietFor']),
    ]),
    ...checks.flatMap((check) => [
      ...quorumProblems(yaml, check, known),
      ...WINDOWED.flatMap((name) => windowProblems(yaml, check, name, known)),
      ...silenceProblems(yaml, check),
    ]),
  ]
}

function twoQuorums(yaml: YamlFile, holder: Path): Problem[] {
  const alert: Path = [...holder, 'alert']
  const has = (key: string) => findPlace(yaml, [...alert, key]) !== undefined
  if (!has('regions') || !has('regionsMin')) return []
  const complaint = { message: '"regions" and "regionsMin" both say how many', expected: 'one' }
  return [problemAt(yaml, [...alert, 'regionsMin'], complaint, 'key')]
}

function moreThanThereAre(yaml: YamlFile, path: Path): Problem[] {
  const count = valueAt(yaml.value, [...path, 'count'])
  const of = valueAt(yaml.value, [...path, 'of'])
  if (typeof count !== 'number' || typeof of !== 'number' || count <= of) return []
  return [
    problemAt(yaml, [...path, 'count'], {
      message: `${count} of ${of} runs can never be reached`,
      expected: `at most ${of}`,
    }),
  ]
}

/** The regions of a check, as far as they are known. */
function regionsOf(yaml: YamlFile, check: Path, known: KnownRegions) {
  const isJob = valueAt(yaml.value, [...check, 'kind']) === 'heartbeat'
  if (isJob) return [{ id: COORDINATOR_REGION, provider: undefined }]
  const list = whereWritten(yaml, check, ['regions'])
  if (!list) return known
  const written = valueAt(yaml.value, list)
  if (!Array.isArray(written)) return undefined
  return [...new Set(written)].map(
    (id) => known?.find((region) => region.id === id) ?? { id, provider: undefined },
  )
}

function quorumProblems(yaml: YamlFile, check: Path, known: KnownRegions): Problem[] {
  const isJob = valueAt(yaml.value, [...check, 'kind']) === 'heartbeat'
  const quorum =
    whereWritten(yaml, check, ['alert', 'regionsMin']) ??
    whereWritten(yaml, check, ['alert', 'regions'])
  if (!quorum || (isJob && quorum[0] === 'defaults')) return []
  const count = valueAt(yaml.value, quorum)
  const regions = regionsOf(yaml, check, known)
  if (typeof count !== 'number' || !regions) return []
  const independent = whereWritten(yaml, check, ['alert', 'independent'])
  const isIndependent = independent && valueAt(yaml.value, independent) === true
  const voices = new Set(
    regions.map((region) => (isIndependent ? (region.provider ?? region.id) : region.id)),
  ).size
  if (count <= voices) return []
  // Where the check itself says one of the two, that is the one to change.
  const list = whereWritten(yaml, check, ['regions'])
  const place = quorum[0] === 'defaults' && list?.[0] === 'checks' ? list : quorum
  const noun = isIndependent ? 'independent network' : 'region'
  return [
    problemAt(yaml, place, {
      message: `${quote(String(quorum.at(-1)))} ${writtenAt(yaml, quorum)} can never be reached: the check runs in ${voices} ${noun}${voices === 1 ? '' : 's'}`,
      expected: `at most ${voices}`,
    }),
  ]
}

function windowProblems(
  yaml: YamlFile,
  check: Path,
  name: (typeof WINDOWED)[number],
  known: KnownRegions,
): Problem[] {
  const path = whereWritten(yaml, check, ['alert', name])
  const schedule = whereWritten(yaml, check, ['every'])
  const regions = regionsOf(yaml, check, known)
  const everyMs = schedule && durationAt(yaml, schedule)
  if (!path || !everyMs || !regions || valueAt(yaml.value, path) === 'never') return []
  const withinMs = durationAt(yaml, [...path, 'within']) ?? WITHIN_MS
  const forMs = durationAt(yaml, [...path, 'for']) ?? 0
  const samplesMin = valueAt(yaml.value, [...path, 'samplesMin']) ?? SAMPLES_MIN
  const inWindow = Math.floor(withinMs / everyMs) * regions.length
  const loaded = Math.ceil((withinMs + forMs) / everyMs) * regions.length
  if (typeof samplesMin === 'number' && samplesMin > inWindow) {
    const place = findPlace(yaml, [...path, 'samplesMin']) ? [...path, 'samplesMin'] : path
    return [
      problemAt(yaml, place, {
        message: `${samplesMin} runs never come within ${formatDuration(withinMs)}: the check makes ${inWindow}`,
        expected: 'a longer "within", or a smaller "samplesMin"',
      }),
    ]
  }
  if (loaded > RUNS_IN_WINDOW_MAX)
    return [
      problemAt(yaml, path, {
        message: `${formatDuration(withinMs + forMs)} hold ${loaded} runs of the check`,
        expected: `at most ${RUNS_IN_WINDOW_MAX}: a shorter "within" or "for"`,
      }),
    ]
  return []
}

/** Silence between two slots is no silence. */
function silenceProblems(yaml: YamlFile, check: Path): Problem[] {
  const path = whereWritten(yaml, check, ['alert', 'noData', 'after'])
  const schedule = whereWritten(yaml, check, ['every'])
  const afterMs = path && durationAt(yaml, path)
  const everyMs = schedule && durationAt(yaml, schedule)
  if (!path || !afterMs || !everyMs || afterMs >= 2 * everyMs) return []
  return [
    problemAt(yaml, path, {
      message: `"after" ${writtenAt(yaml, path)} is no silence of a check that runs every ${formatDuration(everyMs)}`,
      expected: `at least ${formatDuration(2 * everyMs)}`,
    }),
  ]
}
