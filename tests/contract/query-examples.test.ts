import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseAllDocuments, stringify } from 'yaml'
import { loadFleet } from '../../src/definitions/load-fleet.ts'
import { QueriesFile } from '../../src/protocol/query.ts'
import { fleetFolder } from '../integration/definitions/fleet-folder.ts'

const CONFIG = join(import.meta.dirname, '../../config')

/** Indented blocks of a text that are lists of queries; one that goes on with a list begins with its dash. */
const shown = readFileSync(join(CONFIG, 'README.md'), 'utf8')
  .split(/\n(?! {4}|$)/m)
  .flatMap((part) => part.split(/\n\n/))
  .filter(
    (block) =>
      /^ {4,}- id: /m.test(block) &&
      /^ {8}kind: (prometheus|loki|elasticsearch|cloudwatch)/m.test(block),
  )
  .map((block) => block.slice(block.search(/^ {6}- id: /m)))

/** The example of a file, without the signs that make it a comment. */
const commented = readFileSync(join(CONFIG, 'queries.yaml'), 'utf8')
  .split('\n')
  .filter((line) => /^# {3}/.test(line))
  .map((line) => `    ${line.slice(2)}`)
  .join('\n')

const parsed = [...shown, commented].map((block) => {
  const [document] = parseAllDocuments(`queries:\n${block}\n`)
  if (!document || 'empty' in document) throw new Error(`no YAML: ${block}`)
  return document.toJS()
})

test('what is shown of queries is as the file takes it', () => {
  const ids = parsed.flatMap((file) => QueriesFile.parse(file).queries.map(({ id }) => id))
  expect(ids).toEqual(
    expect.arrayContaining(['order-errors', 'order-errors-by-zone', 'affected-clients']),
  )
})

test('the example of an error rate is of more than 1 % for three minutes, and SEV-2', () => {
  const examples = parsed
    .flatMap((file) => QueriesFile.parse(file).queries)
    .filter(({ id }) => id === 'order-errors')
  expect(examples).toHaveLength(3)
  for (const example of examples)
    expect(example).toMatchObject({ alert: { above: 0.01, for: '3m' }, severity: 'SEV-2' })
})

test('what is shown of queries is refused nowhere', async () => {
  const queries = new Map(
    parsed.flatMap((file) => QueriesFile.parse(file).queries).map((query) => [query.id, query]),
  )
  const services = [...new Set([...queries.values()].map(({ service }) => service))]
  const objective = {
    name: 'o',
    target: '99%',
    traffic: { good: 'orders-good', total: 'orders-all' },
  }
  const folder = await fleetFolder({
    'config/services.yaml': stringify({
      services: ['shop', ...services].map((id) => ({
        ...{ id, tier: 'core' },
        ...(id === 'orders' && { objectives: [objective] }),
      })),
    }),
    'config/queries.yaml': stringify({ queries: [...queries.values()] }),
  })
  expect(await loadFleet(folder, {})).toMatchObject({ ok: true })
})
