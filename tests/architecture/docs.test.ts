import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { CheckKind } from '../../src/protocol/check.ts'
import { CheckFile } from '../../src/protocol/check-file.ts'
import { ERROR_CODES } from '../../src/protocol/error-code.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

const README_FOLDERS = ['.', 'probes', 'config', 'deploy', 'src', 'tests', 'src/probe', 'src/demo']

test('src/README.md lists each error code as the catalogue has it, and no other', () => {
  const listed = [...read('src/README.md').matchAll(/^\| `([a-z_.]+)` \| (\d+) \| (.+) \|$/gm)]
  expect(
    Object.fromEntries(
      listed.map(([, code, status, means]) => [code, { status: Number(status), means }]),
    ),
  ).toEqual(ERROR_CODES)
})

test.each(README_FOLDERS)('%s has a README for those it belongs to', (folder) => {
  expect(existsSync(join(ROOT, folder, 'README.md'))).toBe(true)
})

const documents = README_FOLDERS.map((folder) => join(folder, 'README.md')).concat(
  'src/DECISIONS.md',
)

test.each(documents)('%s links only to what exists', (document) => {
  const links = [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
    (match) => match[1] ?? '',
  )
  const broken = links.filter((link) => !existsSync(join(ROOT, dirname(document), link)))
  expect(broken).toEqual([])
})

test.each(documents)('%s names only files that exist', (document) => {
  const named = [...read(document).matchAll(/`((?:[a-z-]+\/)+[a-z-]+\.(?:ts|js|yaml|md))`/g)].map(
    (match) => match[1] ?? '',
  )
  const bases = [dirname(document), '.', 'src']
  const missing = named.filter((file) => !bases.some((base) => existsSync(join(ROOT, base, file))))
  expect(missing).toEqual([])
})

test('every layer of src/ is in the table of src/README.md', () => {
  const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
  const table = [...read('src/README.md').matchAll(/^\| `([a-z]+)` \|/gm)].map((match) => match[1])
  expect(table).toEqual(expect.arrayContaining(folders))
})

/** `synthetics.spool.runs`, `.bytes` are `synthetics.spool.runs` and `synthetics.spool.bytes`. */
function metricsIn(row: string): string[] {
  const [names = ''] = row.split(' | ')
  const [first = '', ...others] = [...names.matchAll(/`([a-z_.]+)`/g)].map(
    (match) => match[1] ?? '',
  )
  const prefix = first.slice(0, first.lastIndexOf('.'))
  return [first, ...others.map((name) => (name.startsWith('.') ? prefix + name : name))]
}

test('deploy/README.md lists each metric of ours, and no other', () => {
  const listed = read('deploy/README.md')
    .split('\n')
    .filter((line) => line.startsWith('| `synthetics.'))
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  const made = files
    .filter((file) => /metrics\.ts$/.test(file))
    .flatMap((file) => [...read(join('src', file)).matchAll(/'(synthetics\.[a-z_.]+)'/g)])
    .map((match) => match[1] ?? '')
  expect(listed.flatMap(metricsIn).toSorted()).toEqual([...new Set(made)].toSorted())
})

/** YAML of checks in a document: whole files, or lists of checks as they stand in one. */
function yamlExamples(document: string): string[] {
  return [...read(document).matchAll(/^```yaml\n([\s\S]*?)^```/gm)]
    .map((match) => match[1] ?? '')
    .filter((text) => /^ *- id: |^- \{ id: /m.test(text))
}

const examples = ['README.md', 'probes/README.md'].flatMap((document) =>
  yamlExamples(document).map((text) => [document, text.split('\n', 1)[0] ?? '', text] as const),
)

test.each(examples)('%s: the example that begins with "%s" is valid', (_document, _first, text) => {
  const filled = text.replace(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1')
  const parsed: unknown = parse(filled)
  const file = Array.isArray(parsed)
    ? { service: 'shop', defaults: { every: '1m' }, checks: parsed }
    : parsed
  expect(CheckFile.safeParse(file).error?.issues ?? []).toEqual([])
})

test('there are examples of every kind of check', () => {
  const kinds = examples.flatMap(([, , text]) =>
    [...text.matchAll(/kind: ([a-z]+)/g)].map((match) => match[1]),
  )
  expect([...new Set(kinds)].sort()).toEqual([...CheckKind.options].sort())
})
