import { nearestName } from '../../base/nearest-name.ts'
import type { Complaint } from '../../definitions/problem.ts'
import type { ThrownAtLoad } from './load-trouble.ts'

/** What a journey is given; used outside of one it is not there. */
const GIVEN = [
  'page',
  'context',
  'request',
  'target',
  'step',
  'soft',
  'skip',
  'params',
  'secrets',
  'totp',
  'log',
]

/** What 'firewatch' exports besides types. */
const EXPORTED = ['journey', 'expect']

const NO_EXPORT =
  /The requested module '(?<module>[^']+)' does not provide an export named '(?<name>[^']+)'/
const NO_EXPORT_OF_COMMONJS =
  /Named export '(?<name>[^']+)' not found\. The requested module '(?<module>[^']+)'/

/** TypeScript that is more than types: what Node says of it, what people call it, and how to do without. */
const COMPILED: { said: RegExp; what: string; instead: string }[] = [
  {
    said: /^TypeScript enum /,
    what: 'an enum',
    instead: "a union, such as type Size = 'small' | 'large'",
  },
  {
    said: /^TypeScript namespace |^`module` keyword /,
    what: 'a namespace',
    instead: 'a file of its own that exports what is in it',
  },
  {
    said: /^TypeScript parameter property /,
    what: 'a parameter that is a property as well',
    instead: 'a field of the class, which the constructor sets',
  },
  { said: /^TypeScript import equals /, what: 'import … = require()', instead: 'import … from' },
  { said: /^TypeScript export assignment /, what: 'export =', instead: 'export default' },
  { said: /^The angle-bracket syntax /, what: '<Type>value', instead: 'value as Type' },
]

/** What is wrong with a journey's file, in words for who wrote it, and how to mend it. */
export function complaintOf({ name, message }: ThrownAtLoad): Complaint {
  const [first = ''] = message.split('\n')
  const named = (NO_EXPORT.exec(first) ?? NO_EXPORT_OF_COMMONJS.exec(first))?.groups
  if (named) return wrongImport(named.module ?? '', named.name ?? '')
  const undefinedName = /^(\S+) is not defined/.exec(first)?.[1]
  if (undefinedName !== undefined && GIVEN.includes(undefinedName))
    return {
      message: `${undefinedName} is used outside of a journey`,
      expected: given(undefinedName),
    }
  const compiled = COMPILED.find(({ said }) => said.test(first))
  if (compiled)
    return {
      message: `${compiled.what} cannot be left out as types are, and journeys are not compiled`,
      expected: compiled.instead,
    }
  return { message: `${name}: ${first}` }
}

function wrongImport(module: string, name: string): Complaint {
  const message = `'${module}' exports no value ${name}`
  if (module === 'firewatch' && GIVEN.includes(name)) return { message, expected: given(name) }
  const suggestion = module === 'firewatch' ? nearestName(name, EXPORTED) : undefined
  if (suggestion) return { message, suggestion }
  return { message, expected: `import type { ${name} }, if it is a type` }
}

const given = (name: string) => `journey(async ({ ${name} }) => { … }), which is given it`
