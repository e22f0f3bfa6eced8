import { isCovered } from '../../domain/runbook/runbooks-for.ts'
import type { Fleet } from '../../protocol/config.ts'
import { quote } from '../printable.ts'
import { type Problem, problemOfFile } from '../problem.ts'
import { RUNBOOK_FOLDER } from '../read-runbooks.ts'
import { problemAt } from '../yaml/yaml-file.ts'
import type { Identified } from './duplicate-ids.ts'

/** Checks whose alert would wake somebody who then finds nothing that says what to do. */
export function runbookWarnings(
  { checks, runbooks = [] }: Fleet,
  places: readonly Identified[],
): Problem[] {
  if (checks.length === 0) return []
  if (runbooks.length === 0)
    return [
      problemOfFile(RUNBOOK_FOLDER, {
        message: 'no runbook says what to do when an alert fires',
        expected: 'a file such as bad-deploy.md',
      }),
    ]
  return checks.flatMap((check) => {
    const place = places.find(({ id }) => id === check.id)
    if (!place || isCovered(check, runbooks)) return []
    const message = `no runbook is for the check ${quote(check.id)}`
    const expected = 'one whose front part names it, its kind or its service'
    return [problemAt(place.yaml, place.path, { message, expected })]
  })
}
