import { AppError } from '../base/app-error.ts'
import { formatProblem } from '../definitions/format-problem.ts'
import { loadFleet } from '../definitions/load-fleet.ts'
import type { Problem } from '../definitions/problem.ts'
import { readYaml } from '../definitions/read-yaml.ts'
import { problemAt } from '../definitions/yaml/yaml-file.ts'
import type { OnCallComplaint } from '../domain/on-call/lint/complaint.ts'
import { LINT_MS, lintOnCall } from '../domain/on-call/lint-on-call.ts'
import type { Fleet } from '../protocol/config.ts'
import { NO_ON_CALL, type OnCall, type OnCallChanges } from '../protocol/on-call.ts'
import { listOnCallChanges } from '../protocol/on-call-api.ts'
import { coordinatorClient } from './coordinator-client.ts'

const FILE = 'config/on-call.yaml'

export type Roster = { onCall: OnCall } & OnCallChanges

/**
 * The fleet of a folder. @throws {AppError} `definitions.invalid` with every problem of it.
 */
export async function fleetOf(folder: string): Promise<Fleet> {
  const loaded = await loadFleet(folder, process.env)
  if (loaded.ok) return loaded.fleet
  const problems = loaded.problems.map(formatProblem).join('\n  ')
  throw new AppError('definitions.invalid', `the definitions are not valid:\n  ${problems}`)
}

/**
 * Who is on call by the files, with what was said to the coordinator since, where one is named.
 *
 * @throws {AppError} as `coordinator-client.ts` says.
 */
export async function rosterOf(
  { onCall = NO_ON_CALL }: Fleet,
  { coordinator, since }: { coordinator?: string | undefined; since: number },
): Promise<Roster> {
  if (coordinator === undefined) return { onCall, overrides: [], absences: [] }
  const { data } = await coordinatorClient(coordinator).ask(listOnCallChanges, { query: { since } })
  return {
    onCall,
    overrides: data.filter((change) => change.kind !== 'absence'),
    absences: data.filter((change) => change.kind === 'absence'),
  }
}

/** What eight weeks from an instant would bring. */
export function complaintsAbout(fleet: Fleet, roster: Roster, from: number): OnCallComplaint[] {
  const services = fleet.services.map(({ id }) => id)
  return lintOnCall({ roster, services, from, until: from + LINT_MS })
}

/** The same as problems with their places in the file; at its beginning where there is no file. */
export async function placeComplaints(
  folder: string,
  complaints: readonly OnCallComplaint[],
): Promise<Problem[]> {
  const { yaml } = await readYaml({ folder, environment: process.env }, FILE)
  return complaints.map(({ message, advice, path }) => {
    const complaint = { message, expected: advice }
    return yaml
      ? problemAt(yaml, path, complaint)
      : { file: FILE, line: 1, column: 1, ...complaint }
  })
}
