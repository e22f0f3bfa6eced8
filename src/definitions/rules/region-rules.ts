import { nearestName } from '../../base/nearest-name.ts'
import { joinOr, quote } from '../printable.ts'
import type { Problem } from '../problem.ts'
import { type Path, problemAt, valueAt, type YamlFile } from '../yaml/yaml-file.ts'
import { writtenAt } from './duration-rules.ts'
import { checkPaths } from './inherited.ts'

/** Longest list of names that a message spells out. */
const NAMES_SPELLED_MAX = 12

/** Where checks run: regions that exist, each once. */
export function regionProblems(yaml: YamlFile, known: readonly string[] | undefined): Problem[] {
  const checks = checkPaths(yaml)
  const holders: Path[] = [['defaults'], ...checks]
  return [...holders.flatMap((holder) => nameProblems(yaml, [...holder, 'regions'], known))]
}

function nameProblems(yaml: YamlFile, list: Path, known: readonly string[] | undefined): Problem[] {
  const names = valueAt(yaml.value, list)
  if (!Array.isArray(names)) return []
  return names.flatMap((name: unknown, index) => {
    if (typeof name !== 'string') return []
    const path = [...list, index]
    if (names.indexOf(name) < index)
      return [
        problemAt(yaml, path, {
          message: `the region ${quote(writtenAt(yaml, path))} stands here twice`,
        }),
      ]
    return known ? unknownName(yaml, path, 'region', name, known) : []
  })
}

/** Says when a name is not among those that are defined. */
export function unknownName(
  yaml: YamlFile,
  path: Path,
  what: string,
  name: string,
  known: readonly string[],
): Problem[] {
  if (known.includes(name)) return []
  const message = `unknown ${what} ${quote(writtenAt(yaml, path))}`
  const suggestion = nearestName(name, known)
  if (suggestion) return [problemAt(yaml, path, { message, suggestion })]
  const expected =
    known.length > NAMES_SPELLED_MAX ? `one of config/${what}s.yaml` : joinOr(known.map(quote))
  return [problemAt(yaml, path, { message, expected })]
}
