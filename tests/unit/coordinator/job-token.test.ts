import pino from 'pino'
import { expect, test } from 'vitest'
import { createJobTokens } from '../../../src/coordinator/job-token.ts'

const aJob = (id: string, token: string) => ({ id, token })

test('a token that is missing is said once for each job, however often it calls', () => {
  const lines: string[] = []
  const logger = pino({}, { write: (line: string) => void lines.push(line) })
  const values: Record<string, string> = { A: 'a' }
  const tokens = createJobTokens({
    logger,
    secret(name) {
      if (name === 'LOCKED') throw Object.assign(new Error('no'), { code: 'EACCES' })
      return values[name]
    },
  })
  expect(tokens.find(aJob('a', 'A'))).toBe('a')
  for (let call = 0; call < 3; call++) {
    expect(tokens.find(aJob('b', 'B'))).toBeUndefined()
    expect(tokens.find(aJob('c', 'LOCKED'))).toBeUndefined()
  }
  values.B = 'b'
  expect(tokens.find(aJob('b', 'B'))).toBe('b')
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { check: 'b', variable: 'B', problem: 'B is not set' },
    { check: 'c', variable: 'LOCKED', problem: 'LOCKED cannot be read: EACCES' },
  ])
})
