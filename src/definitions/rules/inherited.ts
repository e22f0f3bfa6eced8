import { CHECKS_PER_FILE_MAX } from '../../protocol/check-file.ts'
import { findPlace, type Path, type YamlFile } from '../yaml/yaml-file.ts'

/** Paths of the checks in a file, in its order. */
export function checkPaths(yaml: YamlFile): Path[] {
  const checks = findPlace(yaml, ['checks'])
  // More are refused by their number alone.
  const indexes = [...(checks?.children.keys() ?? [])].slice(0, CHECKS_PER_FILE_MAX)
  return indexes.map((index) => ['checks', index])
}

/** Where a field of a check is written: in the check itself, else in the file's defaults. */
export function whereWritten(yaml: YamlFile, check: Path, field: Path): Path | undefined {
  return [
    [...check, ...field],
    ['defaults', ...field],
  ].find((path) => findPlace(yaml, path) !== undefined)
}
