import type { Complaint, Problem } from '../problem.ts'

export type Path = readonly PropertyKey[]

/** Where a value stands in its file, with the places of what is inside it. */
export type Place = {
  /** Offset of the key that names it, where it is a value of a mapping. */
  keyAt?: number
  /** Offset of the value. */
  at: number
  /** The scalar as it stands in the file, where variables were put into it: what may be quoted. */
  written?: string
  /**
   * A scalar that is wholly one variable could be text or a number: this is the reading that was not
   * taken. Which is right depends on what stands there, and only the schema knows that.
   */
  otherReading?: string | number | boolean
  children: Map<PropertyKey, Place>
}

/** One file as read: its plain value, and where each part of it stands. */
export type YamlFile = {
  /** Relative to the folder of the definitions, with forward slashes. */
  file: string
  text: string
  value: unknown
  place: Place
  /** Line and column, from 1, of an offset. */
  positionOf(offset: number): { line: number; column: number }
}

/** The place of a value; undefined when nothing is written there. */
export function findPlace(yaml: YamlFile, path: Path): Place | undefined {
  let place: Place | undefined = yaml.place
  for (const part of path) place = place?.children.get(part)
  return place
}

/**
 * A problem of the value at `path`, or of its key. Where nothing is written, as with a missing key,
 * it is a problem of what should hold it.
 */
export function problemAt(
  yaml: YamlFile,
  path: Path,
  complaint: Complaint,
  part: 'key' | 'value' = 'value',
): Problem {
  let place = yaml.place
  for (const step of path) {
    const inner = place.children.get(step)
    if (!inner) break
    place = inner
  }
  return problemAtOffset(yaml, part === 'key' ? (place.keyAt ?? place.at) : place.at, complaint)
}

export function problemAtOffset(
  yaml: Pick<YamlFile, 'file' | 'text' | 'positionOf'>,
  offset: number,
  complaint: Complaint,
): Problem {
  const { line, column } = yaml.positionOf(offset)
  const lineStart = offset - (column - 1)
  const lineEnd = yaml.text.indexOf('\n', lineStart)
  const sourceLine = yaml.text.slice(lineStart, lineEnd === -1 ? undefined : lineEnd).trimEnd()
  return { file: yaml.file, line, column, ...complaint, sourceLine }
}

/** Where something stands, for messages that name another place: `config/regions.yaml:4:9`. */
export function whereIs(yaml: YamlFile, path: Path): string {
  const { line, column } = yaml.positionOf((findPlace(yaml, path) ?? yaml.place).at)
  return `${yaml.file}:${line}:${column}`
}

/** One part of a value by its key or index; undefined when there is none. */
export function part(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

/** The value at a path; undefined when there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce(part, value)
}
