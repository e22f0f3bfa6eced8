import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml'
import { quote } from '../printable.ts'
import type { Complaint, Problem } from '../problem.ts'
import { asPlainScalar, type Environment, substitute } from './substitute.ts'
import { type Place, problemAtOffset, type YamlFile } from './yaml-file.ts'

/** Deeper than any file that the schemas accept. */
const NESTING_MAX = 32
/** Uses of anchors, each counted as often as it is repeated: a bomb needs thousands. */
const ALIASES_MAX = 100
/** Values in one file, repeated ones included. */
const VALUES_MAX = 100_000
/** More than this is a broken file rather than that many mistakes. */
export const PROBLEMS_PER_FILE_MAX = 100

/** Names that are no plain data in JavaScript. */
const FORBIDDEN_KEYS = ['__proto__', 'constructor', 'prototype']

type Source = Pick<YamlFile, 'file' | 'text' | 'positionOf'>
type Read = { value: unknown; place: Place; problems: Problem[] }

type Reading = {
  source: Source
  environment: Environment
  problems: Problem[]
  anchors: Map<string, Node>
  aliases: number
  values: number
  /** Problems that were found after there were enough. */
  dropped: number
  complain(offset: number, complaint: Complaint): void
}

/** Turns a parsed node into plain values, with variables put in and the place of each value. */
export function readNode(source: Source, node: Node | null, environment: Environment): Read {
  const problems: Problem[] = []
  const reading: Reading = {
    source,
    environment,
    problems,
    anchors: new Map(),
    aliases: 0,
    values: 0,
    dropped: 0,
    complain(offset, complaint) {
      if (problems.length < PROBLEMS_PER_FILE_MAX)
        problems.push(problemAtOffset(source, offset, complaint))
      else reading.dropped++
    },
  }
  const { value, place } = read(reading, node, 0, 0)
  if (reading.dropped > 0)
    problems.push(problemAtOffset(source, place.at, moreProblems(reading.dropped)))
  return { value, place, problems }
}

/** Stands for the problems of a file that are not said one by one. */
export function moreProblems(count: number): Complaint {
  return { message: `${count} more problems in this file` }
}

type Found = { value: unknown; place: Place }

/** @param fallbackAt where to point when the node is not there at all. */
function read(reading: Reading, node: unknown, fallbackAt: number, depth: number): Found {
  const at = isNode(node) ? (node.range?.[0] ?? fallbackAt) : fallbackAt
  const place: Place = { at, children: new Map() }
  if (!isNode(node)) return { value: null, place }
  if (++reading.values > VALUES_MAX) {
    if (reading.values === VALUES_MAX + 1)
      reading.complain(at, { message: `more than ${VALUES_MAX} values in one file` })
    return { value: UNREADABLE, place }
  }
  if (depth > NESTING_MAX) {
    reading.complain(at, {
      message: 'nested too deeply',
      expected: `at most ${NESTING_MAX} levels`,
    })
    return { value: UNREADABLE, place }
  }
  if (isAlias(node)) return readAlias(reading, node.source, at, depth)
  if (node.tag)
    reading.complain(tagOffset(reading.source.text, at), {
      message: 'YAML tags are not taken here',
      expected: 'the plain value, in quotes where it must be text',
    })
  // Registered before its content is read, so that one which contains itself ends at a limit.
  if (node.anchor) reading.anchors.set(node.anchor, node)
  if (isScalar(node)) return readScalar(reading, node, place)
  if (isMap(node)) return readMap(reading, node, place, depth)
  if (!isSeq(node)) return { value: null, place }
  const value = node.items.map((item, index) => {
    const entry = read(reading, item, at, depth + 1)
    place.children.set(index, entry.place)
    return entry.value
  })
  return { value, place }
}

function readAlias(reading: Reading, name: string, at: number, depth: number): Found {
  const nothing = { value: UNREADABLE, place: { at, children: new Map() } }
  reading.aliases++
  if (reading.aliases > ALIASES_MAX) {
    if (reading.aliases === ALIASES_MAX + 1)
      reading.complain(at, {
        message: 'aliases repeat too much of the file',
        expected: `at most ${ALIASES_MAX} uses of anchors, counting what they contain`,
      })
    return nothing
  }
  const target = reading.anchors.get(name)
  if (target) return read(reading, target, at, depth + 1)
  reading.complain(at, { message: `no anchor ${quote(`&${name}`)} stands before this alias` })
  return nothing
}

function readMap(reading: Reading, map: YAMLMap, place: Place, depth: number): Found {
  const value: Record<string, unknown> = {}
  for (const { key, value: inner } of map.items) {
    const keyAt = isNode(key) ? (key.range?.[0] ?? place.at) : place.at
    if (!isScalar(key)) {
      reading.complain(keyAt, { message: 'a key must be plain text' })
      continue
    }
    const name = String(key.value ?? '')
    const earlier = place.children.get(name)
    if (earlier) {
      const { line } = reading.source.positionOf(earlier.keyAt ?? earlier.at)
      reading.complain(keyAt, {
        message: `the key ${quote(name)} stands here twice, first on line ${line}`,
      })
      continue
    }
    if (FORBIDDEN_KEYS.includes(name)) {
      reading.complain(keyAt, { message: `${quote(name)} cannot be a key` })
      continue
    }
    if (name === '<<') {
      reading.complain(keyAt, {
        message: 'merge keys are not taken here',
        expected: '"defaults", or the keys themselves',
      })
      continue
    }
    const entry = read(reading, inner, keyAt, depth + 1)
    place.children.set(name, { ...entry.place, keyAt })
    value[name] = entry.value
  }
  return { value, place }
}

function readScalar(reading: Reading, scalar: Scalar, place: Place): Found {
  if (typeof scalar.value !== 'string') return { value: scalar.value, place }
  const result = substitute(scalar.value, reading.environment)
  if (result.kind === 'text') {
    if (result.from === 'nothing') return { value: result.text, place }
    const plain = result.from === 'whole' ? asPlainScalar(result.text) : undefined
    place.written = scalar.value
    if (plain === undefined) return { value: result.text, place }
    // Quotes say text, as everywhere in YAML.
    const isPlain = scalar.type === 'PLAIN'
    place.otherReading = isPlain ? result.text : plain
    return { value: isPlain ? plain : result.text, place }
  }
  // Not the text that it would have been: what is wrong with that has been said.
  place.written = scalar.value
  if (result.kind === 'unset') {
    const within = reading.source.text.indexOf(`\${${result.name}`, place.at)
    const isInside = within !== -1 && within < (scalar.range?.[1] ?? place.at)
    reading.complain(isInside ? within : place.at, {
      message: `the environment variable ${result.name} is not set`,
      expected: `it to be set, or a default: \${${result.name}:-…}`,
    })
  } else {
    reading.complain(place.at, {
      message: 'this is no variable',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what people should write.
      expected: '${NAME} or ${NAME:-default}; a plain ${ is written $${',
    })
  }
  return { value: UNREADABLE, place }
}

/** Stands for a value that could not be read; that has been said, and nobody judges it again. */
export const UNREADABLE = Symbol('unreadable')

/** Longest tag that is looked for; a longer one is pointed at by its value. */
const TAG_LENGTH_MAX = 200

/** Tags stand before the value that they belong to, possibly with an anchor between. */
function tagOffset(text: string, valueAt: number): number {
  const start = Math.max(0, valueAt - TAG_LENGTH_MAX)
  const words = [...text.slice(start, valueAt).matchAll(/\S+/g)].slice(-2).reverse()
  for (const word of words) {
    const tag = word[0].indexOf('!')
    if (tag !== -1) return start + word.index + tag
  }
  return valueAt
}
