import { quote } from '../printable.ts'
import type { Problem } from '../problem.ts'
import { findPlace, type Path, problemAt, whereIs, type YamlFile } from '../yaml/yaml-file.ts'

/** Something with an id, and where the id stands. */
export type Identified = { yaml: YamlFile; path: Path; id: unknown }

/** Ids that stand twice, across files too; each is a problem of the later place. */
export function duplicateIds(what: string, all: readonly Identified[]): Problem[] {
  const problems: Problem[] = []
  const first = new Map<string, Identified>()
  for (const one of all) {
    if (typeof one.id !== 'string') continue
    const earlier = first.get(one.id)
    if (!earlier) {
      first.set(one.id, one)
      continue
    }
    const written = findPlace(one.yaml, one.path)?.written ?? one.id
    const where = whereIs(earlier.yaml, earlier.path)
    problems.push(
      problemAt(one.yaml, one.path, {
        message: `the ${what} id ${quote(written)} is taken, at ${where}`,
        expected: 'an id of its own',
      }),
    )
  }
  return problems
}
