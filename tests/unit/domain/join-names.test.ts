import { expect, test } from 'vitest'
import { joinNames } from '../../../src/domain/join-names.ts'

test.each([
  { names: [], text: '' },
  { names: ['eu-west'], text: 'eu-west' },
  { names: ['eu-west', 'us-east'], text: 'eu-west and us-east' },
  { names: ['eu-west', 'us-east', 'ap-south'], text: 'eu-west, us-east and ap-south' },
])('$names reads "$text"', ({ names, text }) => {
  expect(joinNames(names)).toBe(text)
})
