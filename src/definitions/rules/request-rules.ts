import { nearestName } from '../../base/nearest-name.ts'
import { REQUESTS_MAX } from '../../protocol/kinds/api.ts'
import { BASE64_MARK } from '../kinds/http.ts'
import { quote } from '../printable.ts'
import type { Problem } from '../problem.ts'
import {
  findPlace,
  type Path,
  problemAt,
  valueAt,
  whereIs,
  type YamlFile,
} from '../yaml/yaml-file.ts'
import { writtenAt } from './duration-rules.ts'
import { contentKey, type NamedFiles } from './file-rules.ts'
import { checkPaths } from './inherited.ts'

/** Paths of the requests of an `api` check, in its order; none for other kinds. */
export function requestPaths(yaml: YamlFile, check: Path): Path[] {
  const requests = valueAt(yaml.value, [...check, 'requests'])
  const count = Array.isArray(requests) ? Math.min(requests.length, REQUESTS_MAX) : 0
  return Array.from({ length: count }, (_, index) => [...check, 'requests', index])
}

/** What requests are made of: names that stand for something, each request by a name of its own. */
export function requestProblems(yaml: YamlFile, named: NamedFiles): Problem[] {
  return checkPaths(yaml).flatMap((check) => {
    switch (valueAt(yaml.value, [...check, 'kind'])) {
      case 'http':
      case 'websocket':
        return templateProblems(yaml, check, { names: secretsOf(yaml, check), named, check })
      case 'api':
        return apiProblems(yaml, check, named)
      default:
        return []
    }
  })
}

function apiProblems(yaml: YamlFile, check: Path, named: NamedFiles): Problem[] {
  const names = secretsOf(yaml, check)
  const problems = [...addressProblems(yaml, check), ...duplicateNames(yaml, check)]
  for (const request of requestPaths(yaml, check)) {
    problems.push(...templateProblems(yaml, request, { names: [...names], named, check }))
    // Only what comes after it can use what it captures.
    const captures = valueAt(yaml.value, [...request, 'capture'])
    if (typeof captures === 'object' && captures !== null) names.push(...Object.keys(captures))
  }
  return problems
}

function secretsOf(yaml: YamlFile, check: Path): string[] {
  const secrets = valueAt(yaml.value, [...check, 'secrets'])
  return Array.isArray(secrets) ? secrets.filter((name) => typeof name === 'string') : []
}

/** A chain has one history: what one address answered is no input for what another is asked. */
function addressProblems(yaml: YamlFile, check: Path): Problem[] {
  const path = [...check, 'addresses']
  const addresses = valueAt(yaml.value, path)
  if (addresses !== 'both' && addresses !== 'every') return []
  const message = `an api check cannot run at several addresses with ${quote(writtenAt(yaml, path))}`
  return [problemAt(yaml, path, { message, expected: '"any", "ipv4" or "ipv6"' })]
}

function duplicateNames(yaml: YamlFile, check: Path): Problem[] {
  const first = new Map<string, Path>()
  return requestPaths(yaml, check).flatMap((request) => {
    const path = [...request, 'name']
    const name = valueAt(yaml.value, path)
    if (typeof name !== 'string') return []
    const earlier = first.get(name)
    if (!earlier) {
      first.set(name, path)
      return []
    }
    const message = `the request name ${quote(writtenAt(yaml, path))} is taken, at ${whereIs(yaml, earlier)}`
    return [problemAt(yaml, path, { message, expected: 'a name of its own' })]
  })
}

type Known = {
  /** Names that may stand in double braces here. */
  names: readonly string[]
  named: NamedFiles
  check: Path
}

const PLACEHOLDER = /\{\{([A-Za-z][A-Za-z0-9_]*)\}\}/g
const HOST_PLACEHOLDER = /^[^:]+:\/\/[^/?#]*\{\{/

function templateProblems(yaml: YamlFile, holder: Path, known: Known): Problem[] {
  const url = [...holder, 'url']
  const address = valueAt(yaml.value, url)
  const body = [...holder, 'body']
  return [
    ...(typeof address === 'string' && HOST_PLACEHOLDER.test(address)
      ? [hostProblem(yaml, url)]
      : []),
    ...[url, [...holder, 'headers'], body].flatMap((path) =>
      textsAt(yaml, path).flatMap((text) => unknownNames(yaml, text, known.names)),
    ),
    ...unknownNames(yaml, fileText([...body, 'file'], known), known.names),
  ]
}

const hostProblem = (yaml: YamlFile, path: Path): Problem =>
  problemAt(yaml, path, {
    message: 'a name in double braces cannot stand in the host of an address',
    expected: 'it in the path or the query; a login in "auth"',
  })

/** Something that may hold names, and where it stands. */
type Text = { text: string; path: Path; part: 'key' | 'value' }

/** Every text at a path and below it, with the keys. */
function textsAt(yaml: YamlFile, path: Path): Text[] {
  const value = valueAt(yaml.value, path)
  if (typeof value === 'string') return [{ text: value, path, part: 'value' }]
  if (typeof value !== 'object' || value === null) return []
  const isList = Array.isArray(value)
  return Object.keys(value).flatMap((key) => {
    const inner = [...path, isList ? Number(key) : key]
    const name: Text[] = isList ? [] : [{ text: key, path: inner, part: 'key' }]
    return [...name, ...textsAt(yaml, inner)]
  })
}

/** The content of a file that is a body; what is no text is sent as it is. */
function fileText(path: Path, { named, check }: Known): Text {
  const content = named.contents.get(contentKey(check.at(-1) ?? 0, path.slice(check.length))) ?? ''
  return { text: content.startsWith(BASE64_MARK) ? '' : content, path, part: 'value' }
}

function unknownNames(yaml: YamlFile, { text, path, part }: Text, names: readonly string[]) {
  const used = new Set([...text.matchAll(PLACEHOLDER)].map((match) => match[1] ?? ''))
  return [...used].flatMap((name): Problem[] => {
    if (names.includes(name)) return []
    // What a variable holds is not shown.
    const isHidden = part === 'value' && findPlace(yaml, path)?.written !== undefined
    const isShown = !isHidden || writtenAt(yaml, path).includes(`{{${name}}}`)
    const message = `${isShown ? quote(`{{${name}}}`) : 'a name in double braces'} stands for nothing`
    const suggestion = isShown ? nearestName(name, names) : undefined
    const expected =
      'a name in "secrets", or a value that an earlier request of an api check captures'
    return [
      problemAt(
        yaml,
        path,
        suggestion === undefined
          ? { message, expected }
          : { message, suggestion: `{{${suggestion}}}` },
        part,
      ),
    ]
  })
}
