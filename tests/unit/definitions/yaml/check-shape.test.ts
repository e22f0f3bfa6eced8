// biome-ignore-all lint/suspicious/noTemplateCurlyInString: so are variables written in YAML.
import { expect, test } from 'vitest'
import { z } from 'zod'
import { formatProblem } from '../../../../src/definitions/format-problem.ts'
import { checkShape } from '../../../../src/definitions/yaml/check-shape.ts'
import { parseYaml } from '../../../../src/definitions/yaml/parse-yaml.ts'

const schema = z.strictObject({
  port: z.number().optional(),
  text: z.string().optional(),
  list: z.array(z.number()).optional(),
})

function shapeOf(text: string, environment: Record<string, string>) {
  const { yaml } = parseYaml('a.yaml', text, environment)
  if (!yaml) throw new Error('this is YAML')
  return checkShape(yaml, schema)
}

test.each([
  { why: 'digits where text belongs are text', text: 'text: ${X}', value: { text: '443' } },
  {
    why: 'quoted digits where a number belongs are one',
    text: 'port: "${X}"',
    value: { port: 443 },
  },
  {
    why: 'as in braces, where quotes are needed',
    text: '{ list: ["${X}"] }',
    value: { list: [443] },
  },
  {
    why: 'each place for itself',
    text: 'text: ${X}\nport: "${X}"\n',
    value: { text: '443', port: 443 },
  },
])('a variable is read as its place needs it: $why', ({ text, value }) => {
  expect(shapeOf(text, { X: '443' })).toEqual({ value, problems: [] })
})

test('quoted digits that are not from a variable stay text', () => {
  expect(shapeOf('port: "443"', {}).problems.map(formatProblem)).toEqual([
    'a.yaml:1:7: "port" cannot be "443"; expected a number',
  ])
})

test('a variable that is no number is named, not shown', () => {
  expect(shapeOf('port: ${X}', { X: 'hidden' }).problems.map(formatProblem)).toEqual([
    'a.yaml:1:7: "port" cannot be "${X}"; expected a number',
  ])
})
