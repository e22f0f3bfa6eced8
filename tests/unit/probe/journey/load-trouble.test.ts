import { expect, test } from 'vitest'
import { findLoadTrouble, noJourneyTrouble } from '../../../../src/probe/journey/load-trouble.ts'

const FILE = '/probes/shop/walk.journey.ts'
const OURS = '/opt/firewatch/src/'

const at = (lines: string[]) => lines.join('\n')

/** What Node says, as it says it; the text is that of the file at `FILE`. */
const rows = [
  {
    why: 'a syntax error of TypeScript: the line above the carets',
    text: at(['a', 'b', '  (', '    const = 3', '  )']),
    name: 'SyntaxError',
    message: 'Unexpected token `=`',
    stack: at([
      `file://${FILE}?v=1:4`,
      '  (',
      '    const = 3',
      '          ^',
      '  )',
      '',
      'SyntaxError [ERR_INVALID_TYPESCRIPT_SYNTAX]: Unexpected token `=`',
      '    at parseTypeScript (node:internal/modules/typescript:61:36)',
    ]),
    finds: { file: FILE, line: 4, column: 11, message: 'SyntaxError: Unexpected token `=`' },
  },
  {
    why: 'the file ends too early: behind its last word',
    text: 'import a\nexport default journey(async () => {\n',
    name: 'SyntaxError',
    message: "Expected ',', got '<eof>'",
    stack: at([
      `file://${FILE}?v=10:2`,
      'export default journey(async () => {',
      '',
      "SyntaxError [ERR_INVALID_TYPESCRIPT_SYNTAX]: Expected ',', got '<eof>'",
    ]),
    finds: { line: 2, column: 37 },
  },
  {
    why: 'what cannot be stripped',
    text: 'enum A { x }',
    name: 'SyntaxError',
    message: 'TypeScript enum is not supported in strip-only mode',
    stack: at([`file://${FILE}?v=2:1`, 'enum A { x }', '^^^^^^^^^^^^', '', 'SyntaxError: x']),
    finds: {
      line: 1,
      column: 1,
      message: 'an enum cannot be left out as types are, and journeys are not compiled',
      expected: "a union, such as type Size = 'small' | 'large'",
    },
  },
  {
    why: 'a value that firewatch does not export but gives',
    text: "import { journey, step } from 'firewatch'",
    name: 'SyntaxError',
    message: "The requested module 'firewatch' does not provide an export named 'step'",
    stack: at([
      `file://${FILE}?v=5:1`,
      "import { journey, step } from 'firewatch'",
      '                  ^^^^',
      'SyntaxError: …',
    ]),
    finds: {
      line: 1,
      column: 19,
      message: "'firewatch' exports no value step",
      expected: 'journey(async ({ step }) => { … }), which is given it',
    },
  },
  {
    why: 'a misspelled export of firewatch',
    text: "import { jorney } from 'firewatch'",
    name: 'SyntaxError',
    message: "The requested module 'firewatch' does not provide an export named 'jorney'",
    stack: at([`file://${FILE}:1`, "import { jorney } from 'firewatch'", '         ^^^^^^', '']),
    finds: { line: 1, column: 10, suggestion: 'journey' },
  },
  {
    why: 'a type imported as a value, in a package of the older kind',
    text: "import { Page } from 'playwright'",
    name: 'SyntaxError',
    message: `Named export 'Page' not found. The requested module 'playwright' is a CommonJS module, which may not support all module.exports as named exports.`,
    stack: at([`file://${FILE}:1`, "import { Page } from 'playwright'", '         ^^^^', '']),
    finds: {
      column: 10,
      message: "'playwright' exports no value Page",
      expected: 'import type { Page }, if it is a type',
    },
  },
  {
    why: 'a file that is not there: the word that was written',
    text: "import { a } from 'firewatch'\nimport { b } from '../shared/nope.ts'\n",
    name: 'Error',
    message: `Cannot find module '/probes/shared/nope.ts' imported from ${FILE}`,
    stack: at(['Error: …', '    at finalizeResolution (node:internal/modules/esm/resolve:241:11)']),
    finds: { file: FILE, line: 2, column: 19, message: 'there is no file ../shared/nope.ts' },
  },
  {
    why: 'a file whose ending was left out',
    text: "import { b } from './pages'\n",
    name: 'Error',
    message: `Cannot find module '/probes/shop/pages' imported from ${FILE}`,
    stack: 'Error: …',
    finds: { line: 1, column: 19, suggestion: './pages.ts' },
  },
  {
    why: 'a package that is not there, by one of its paths',
    text: "import x from 'left-pad'\nimport y from 'nope/deep'\n",
    name: 'Error',
    message: `Cannot find package 'nope' imported from ${FILE}`,
    stack: 'Error: …',
    finds: { line: 2, column: 15, message: 'there is no package nope here' },
  },
  {
    why: 'step outside of a journey',
    text: "\nawait step('x')",
    name: 'ReferenceError',
    message: 'step is not defined',
    stack: at(['ReferenceError: step is not defined', `    at file://${FILE}?v=8:2:7`]),
    finds: {
      line: 2,
      column: 7,
      message: 'step is used outside of a journey',
      expected: 'journey(async ({ step }) => { … }), which is given it',
    },
  },
  {
    why: 'what our own code complains of: the line that called it',
    text: '',
    name: 'TypeError',
    message: 'journey() expects an async function',
    stack: at([
      'TypeError: journey() expects an async function',
      `    at journey (file://${OURS}sdk/journey.ts:67:11)`,
      `    at file://${FILE}?v=12:2:16`,
    ]),
    finds: { file: FILE, line: 2, column: 16 },
  },
  {
    why: 'a mistake in a file that the journey imports, with a space in its path',
    text: '',
    name: 'TypeError',
    message: 'x is undefined',
    stack: at(['TypeError: x', '    at load (file:///probes/my%20shop/pages.ts?v=3:7:9)']),
    finds: { file: '/probes/my shop/pages.ts', line: 7, column: 9 },
  },
  {
    why: 'a name declared twice, of which the engine says no place',
    text: 'const a = 1\nconst ab = 2\nconst a = 3\n',
    name: 'SyntaxError',
    message: "Identifier 'a' has already been declared",
    stack: at(['SyntaxError: …', '    at compile (node:internal/modules/esm/utils:355:16)']),
    finds: { file: FILE, line: 3, column: 7 },
  },
  {
    why: 'something thrown that is no error',
    text: '',
    name: 'thrown',
    message: 'nothing works',
    stack: '',
    finds: { file: FILE, line: 1, column: 1, message: 'thrown: nothing works' },
  },
]

test.each(rows)('$why', ({ text, finds, ...thrown }) => {
  const files: Record<string, string> = { [FILE]: text, '/probes/shop/pages.ts': '' }
  const sourceOf = (file: string) => files[file]
  const isOurs = (file: string) => file.startsWith(OURS)
  expect(findLoadTrouble(FILE, thrown, { sourceOf, isOurs })).toMatchObject(finds)
})

test.each([
  { why: 'no default export', text: 'export const a = 1\n', line: 1, says: 'there is no default' },
  { why: 'another one', text: '\n\nexport default 7\n', line: 3, says: 'is not a journey' },
  { why: 'a file that is gone', text: undefined, line: 1, says: 'there is no default' },
])('no journey: $why', ({ text, line, says }) => {
  expect(noJourneyTrouble(FILE, () => text)).toMatchObject({
    file: FILE,
    line,
    column: 1,
    message: expect.stringContaining(says),
  })
})
