import { isUtf8 } from 'node:buffer'
import { X509Certificate } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, posix, resolve, sep } from 'node:path'
import { nearestName } from '../../base/nearest-name.ts'
import { REQUESTS_MAX } from '../../protocol/kinds/api.ts'
import { REQUEST_BODY_BYTES_MAX } from '../../protocol/kinds/http.ts'
import { isScript } from '../../protocol/kinds/journey.ts'
import { BASE64_MARK } from '../kinds/http.ts'
import { quote } from '../printable.ts'
import type { Complaint, Problem } from '../problem.ts'
import { readBytes, readText } from '../read-text.ts'
import { type Path, problemAt, valueAt, type YamlFile } from '../yaml/yaml-file.ts'
import { writtenAt } from './duration-rules.ts'
import { checkPaths } from './inherited.ts'

/** The files that checks name, found and read. */
export type NamedFiles = {
  /** By the check's place in its file: the journey's path, relative to `probes/`, with forward slashes. */
  scripts: Map<PropertyKey, string>
  /** By {@link contentKey}: what is in a file; certificates as PEM, other bytes as {@link BASE64_MARK}. */
  contents: Map<string, string>
  problems: Problem[]
}

/** Where a file is named: the check's place in its file, and the path below the check. */
export const contentKey = (index: PropertyKey, path: readonly PropertyKey[]): string =>
  [index, ...path].map(String).join('/')

type Outcome = { value: string } | { complaint: Complaint } | undefined

/**
 * Finds the files that the checks of one file name.
 *
 * @param scripts the journeys and test files that there are, relative to `folder`, for "did you mean".
 */
export async function findNamedFiles(
  yaml: YamlFile,
  folder: string,
  scripts: readonly string[],
): Promise<NamedFiles> {
  const named: NamedFiles = { scripts: new Map(), contents: new Map(), problems: [] }
  for (const check of checkPaths(yaml)) {
    const index = check.at(-1) ?? 0
    const note = (path: Path, outcome: Outcome, keep: (value: string) => void) => {
      if (!outcome) return
      if ('value' in outcome) keep(outcome.value)
      else named.problems.push(problemAt(yaml, path, outcome.complaint))
    }
    const script = [...check, 'script']
    note(script, await findScript(yaml, script, folder, scripts), (value) =>
      named.scripts.set(index, value),
    )
    for (const { below, read } of namedContents(yaml, check)) {
      const path = [...check, ...below]
      note(path, await read(yaml, path, folder), (value) =>
        named.contents.set(contentKey(index, below), value),
      )
    }
  }
  return named
}

type ReadNamed = (yaml: YamlFile, path: Path, folder: string) => Promise<Outcome>

/** Every place below a check that may name a file, whatever its kind. */
function namedContents(yaml: YamlFile, check: Path): { below: Path; read: ReadNamed }[] {
  const requests = valueAt(yaml.value, [...check, 'requests'])
  const count = Array.isArray(requests) ? Math.min(requests.length, REQUESTS_MAX) : 0
  const bodies = Array.from({ length: count }, (_, i) => ['requests', i, 'body', 'file'])
  return [
    { below: ['trustedRoots'], read: readCertificates },
    { below: ['clientCertificate', 'certificate'], read: readCertificates },
    ...[['body', 'file'], ...bodies].map((below) => ({ below, read: readBody })),
  ]
}

/**
 * A request's body: text as it is, other bytes as base64. Only files below `probes/` can be sent: a
 * check must not be a way to carry other files of the coordinator's machine away.
 */
async function readBody(yaml: YamlFile, path: Path, folder: string): Promise<Outcome> {
  const file = valueAt(yaml.value, path)
  if (typeof file !== 'string' || file === '' || file.includes('\0')) return undefined
  const written = quote(writtenAt(yaml, path))
  const expected = 'a file below probes/, by its path from this file'
  const from = join(folder, posix.join(posix.dirname(yaml.file), file))
  if (posix.isAbsolute(file) || !(await isBelowProbes(from, folder)))
    return { complaint: { message: `the file ${written} lies outside probes/`, expected } }
  const read = await readBytes(from, REQUEST_BODY_BYTES_MAX)
  if (read.kind === 'refused')
    return { complaint: { message: `the file ${written} ${read.message}`, expected } }
  const text = read.bytes.toString()
  const isPlain = isUtf8(read.bytes) && !text.startsWith(BASE64_MARK)
  return { value: isPlain ? text : BASE64_MARK + read.bytes.toString('base64') }
}

/** Where a path really leads: a link inside the folder may lead out of it. What is not there leads nowhere. */
async function isBelowProbes(path: string, folder: string): Promise<boolean> {
  const root = await realpath(join(folder, 'probes'))
  const real = await realpath(path).catch(() => resolve(path))
  return real.startsWith(root + sep)
}

async function findScript(
  yaml: YamlFile,
  path: Path,
  folder: string,
  scripts: readonly string[],
): Promise<Outcome> {
  const script = valueAt(yaml.value, path)
  // What is no such path at all is said with the shape of the file.
  if (typeof script !== 'string' || script.includes('\0') || !isScript(script)) return undefined
  const written = quote(writtenAt(yaml, path))
  const file = posix.join(posix.dirname(yaml.file), script)
  const isBelow = !posix.isAbsolute(script) && file.startsWith('probes/')
  const outside = {
    complaint: {
      message: `the script ${written} lies outside probes/`,
      expected: 'a journey below probes/, by its path from this file',
    },
  }
  if (!isBelow) return outside
  if (!(await isFile(join(folder, file)))) {
    const besides = `${posix.dirname(yaml.file)}/`
    const siblings = scripts
      .filter((there) => there.startsWith(besides))
      .map((there) => `./${there.slice(besides.length)}`)
    const suggestion = nearestName(script, siblings)
    const message = `the script ${written} does not exist`
    return {
      complaint: suggestion ? { message, suggestion } : { message, expected: 'a journey file' },
    }
  }
  return (await isBelowProbes(join(folder, file), folder))
    ? { value: file.slice('probes/'.length) }
    : outside
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false // Not there, or not for us to see: either way a check cannot run it.
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** Keeps the certificates only: a file may hold a private key beside them, which must not travel. */
async function readCertificates(yaml: YamlFile, path: Path, folder: string): Promise<Outcome> {
  const file = valueAt(yaml.value, path)
  // Empty is what a variable that is not used gives: the system's roots are enough.
  if (typeof file !== 'string' || file === '' || file.includes('\0')) return undefined
  const from = resolve(folder, dirname(yaml.file))
  const read = await readText(isAbsolute(file) ? file : join(from, file))
  const written = quote(writtenAt(yaml, path))
  const expected = 'a PEM file with at least one certificate'
  if (read.kind === 'refused')
    return { complaint: { message: `the file ${written} ${read.message}`, expected } }
  const certificates = read.text.match(CERTIFICATE) ?? []
  if (certificates.length === 0)
    return { complaint: { message: `the file ${written} holds no certificate`, expected } }
  if (!certificates.every(isCertificate))
    return {
      complaint: {
        message: `the file ${written} holds a certificate that cannot be read`,
        expected,
      },
    }
  return { value: `${certificates.map((pem) => pem.replaceAll('\r\n', '\n')).join('\n')}\n` }
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem)
    return true
  } catch {
    return false // That is the answer: what stands between the markers is no certificate.
  }
}
