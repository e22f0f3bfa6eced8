import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { editorSchemas } from '../../src/definitions/editor-schemas.ts'
import { CheckKind } from '../../src/protocol/check.ts'

const FOLDER = join(import.meta.dirname, '../../config/schemas')
const REGENERATE = 'out of date; regenerate with: node src/cli/generate-schemas.ts'

const schemas = editorSchemas()

test.each(Object.entries(schemas))('config/schemas/%s is what the code makes', (name, text) => {
  expect(readFileSync(join(FOLDER, name), 'utf8'), REGENERATE).toBe(text)
})

test('no schema is left of a file that is gone', () => {
  expect(readdirSync(FOLDER).toSorted(), REGENERATE).toEqual(Object.keys(schemas).toSorted())
})

test.each(Object.entries(schemas))('%s is of the draft that editors know, and whole', (_, text) => {
  const schema = JSON.parse(text)
  expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#')
  expect(schema.additionalProperties).toBe(false)

  const references = [...text.matchAll(/"\$ref": "#\/definitions\/([^"]+)"/g)].map(
    ([, name]) => name,
  )
  expect(references).toContain('variable')
  expect(references.filter((name) => !(name && name in schema.definitions))).toEqual([])
})

test('the kinds of checks stay told apart: a variable cannot stand for one', () => {
  const text = schemas['checks.schema.json'] ?? ''

  for (const kind of CheckKind.options)
    expect(text).toMatch(new RegExp(`": \\{\\s+"type": "string",\\s+"const": "${kind}"\\s+\\}`))
})
