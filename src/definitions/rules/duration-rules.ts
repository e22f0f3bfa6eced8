import { formatDuration, parseDuration } from '../../base/duration.ts'
import { quote } from '../printable.ts'
import type { Problem } from '../problem.ts'
import { findPlace, type Path, problemAt, valueAt, type YamlFile } from '../yaml/yaml-file.ts'

type Bounds = { minMs: number; maxMs: number }

const SECOND_MS = 1_000
const DAY_MS = 86_400_000

/** Bounds of each duration by its key, whatever the file. */
const BOUNDS: Record<string, Bounds> = {
  // Slots closer together than a second would measure the probe.
  every: { minMs: SECOND_MS, maxMs: 7 * DAY_MS },
  interval: { minMs: SECOND_MS, maxMs: DAY_MS / 24 },
  timeout: { minMs: 100, maxMs: DAY_MS / 24 },
  grace: { minMs: SECOND_MS, maxMs: 7 * DAY_MS },
  silentAfter: { minMs: SECOND_MS, maxMs: DAY_MS },
  within: { minMs: 10 * SECOND_MS, maxMs: DAY_MS },
  for: { minMs: SECOND_MS, maxMs: DAY_MS },
  after: { minMs: 10 * SECOND_MS, maxMs: 7 * DAY_MS },
  quietFor: { minMs: SECOND_MS, maxMs: DAY_MS },
  lasts: { minMs: 60 * SECOND_MS, maxMs: 7 * DAY_MS },
  // Reminders come three minutes before and five after.
  updateEvery: { minMs: 5 * 60 * SECOND_MS, maxMs: DAY_MS },
  verifyFor: { minMs: SECOND_MS, maxMs: 7 * DAY_MS },
  acknowledgeWithin: { minMs: 10 * SECOND_MS, maxMs: DAY_MS },
  acknowledgementLasts: { minMs: 60 * SECOND_MS, maxMs: 7 * DAY_MS },
}

/** Says when the duration at a path is out of its bounds. What is no duration is left to the schema. */
export function durationProblems(yaml: YamlFile, path: Path): Problem[] {
  const key = String(path.at(-1))
  const bounds = BOUNDS[key]
  const ms = durationAt(yaml, path)
  if (ms === undefined || !bounds) return []
  const written = writtenAt(yaml, path)
  if (ms < bounds.minMs)
    return [
      problemAt(yaml, path, {
        message: `${quote(key)} is too short with ${written}`,
        expected: `at least ${formatDuration(bounds.minMs)}`,
      }),
    ]
  if (ms > bounds.maxMs)
    return [
      problemAt(yaml, path, {
        message: `${quote(key)} is too long with ${written}`,
        expected: `at most ${formatDuration(bounds.maxMs)}`,
      }),
    ]
  return []
}

/** The duration at a path in milliseconds; undefined where there is none. */
export function durationAt(yaml: YamlFile, path: Path): number | undefined {
  const written = valueAt(yaml.value, path)
  return typeof written === 'string' ? parseDuration(written) : undefined
}

/** What stands in the file at a path: a variable's name, never its value. */
export function writtenAt(yaml: YamlFile, path: Path): string {
  return findPlace(yaml, path)?.written ?? String(valueAt(yaml.value, path))
}
