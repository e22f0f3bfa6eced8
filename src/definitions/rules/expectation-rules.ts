import type { CheckFile } from '../../protocol/check-file.ts'
import { ASSERTIONS_MAX } from '../../protocol/run.ts'
import type { Problem } from '../problem.ts'
import { resolverOf } from '../resolve-check.ts'
import { findPlace, type Path, problemAt, type YamlFile } from '../yaml/yaml-file.ts'

/**
 * More expectations than a run carries: those beyond would never be looked at. What is implied counts
 * as well. The file must have its form.
 */
export function expectationProblems(yaml: YamlFile, { checks }: CheckFile): Problem[] {
  return checks.flatMap((written, index) => {
    const count = resolverOf(written).expectations(written).length
    if (count <= ASSERTIONS_MAX) return []
    const path: Path = ['checks', index]
    const place = ['requests', 'expect', 'should'].find((key) => findPlace(yaml, [...path, key]))
    return [
      problemAt(yaml, place === undefined ? path : [...path, place], {
        message: `the check has ${count} expectations`,
        expected: `at most ${ASSERTIONS_MAX}, which is what a run can tell of`,
      }),
    ]
  })
}
