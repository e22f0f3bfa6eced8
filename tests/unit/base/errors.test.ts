import { expect, test } from 'vitest'
import { AppError, codeOf, messageOf } from '../../../src/base/app-error.ts'
import { AssertionError, assert, unreachable } from '../../../src/base/assert.ts'

test('an operating error carries its code, its cause and whether it may pass', () => {
  const cause = new Error('ECONNREFUSED')
  const error = new AppError('store.unavailable', 'saving', { retryable: true, cause })
  expect(error).toMatchObject({
    name: 'AppError',
    code: 'store.unavailable',
    retryable: true,
    cause,
  })
  expect(new AppError('internal', 'broken').retryable).toBe(false)
})

test.each([
  { thrown: new AppError('internal', 'broken'), code: 'internal', message: 'broken' },
  {
    thrown: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
    code: 'ECONNREFUSED',
    message: 'refused',
  },
  { thrown: { code: 42 }, code: undefined, message: '[object Object]' },
  { thrown: 'only words', code: undefined, message: 'only words' },
  { thrown: null, code: undefined, message: 'null' },
  { thrown: undefined, code: undefined, message: 'undefined' },
])('reads whatever was thrown: $message', ({ thrown, code, message }) => {
  expect(codeOf(thrown)).toBe(code)
  expect(messageOf(thrown)).toBe(message)
})

test('an assertion that holds is silent, a broken one says why', () => {
  expect(() => assert(1, 'fine')).not.toThrow()
  expect(() => assert(0, 'must hold')).toThrow(new AssertionError('must hold'))
  expect(() => unreachable('x' as never, 'a kind nobody knows')).toThrow('a kind nobody knows: x')
})
