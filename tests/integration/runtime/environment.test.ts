import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { integerVariable, readEnvironment } from '../../../src/runtime/environment.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const SHAPE = {
  TOKEN: z.string().min(4, 'expected at least 4 characters'),
  PORT: integerVariable(80, { max: 100 }),
}

test('a secret may lie in a file; its last line break is not part of it', async () => {
  const file = join(await tempFolder(), 'token')
  await writeFile(file, 's3cret\n')
  expect(readEnvironment(SHAPE, { TOKEN_FILE: file })).toEqual({ TOKEN: 's3cret', PORT: 80 })
})

test('the variable itself wins over its file', async () => {
  expect(readEnvironment(SHAPE, { TOKEN: 'direct', TOKEN_FILE: '/nowhere', PORT: '7' })).toEqual({
    TOKEN: 'direct',
    PORT: 7,
  })
})

test('every problem is told at once, by the name of its variable and never with its value', () => {
  const read = () =>
    readEnvironment({ ...SHAPE, OTHER: z.string() }, { TOKEN: 'abc', PORT: '4711' })
  expect(read).toThrow(expect.objectContaining({ code: 'environment.invalid' }))
  expect(read).toThrow(/TOKEN: expected at least 4 characters[\s\S]*PORT: [\s\S]*OTHER: is not set/)
  expect(read).not.toThrow(/abc|4711/)
})

test('a file that cannot be read is a problem of its variable', () => {
  expect(() => readEnvironment(SHAPE, { TOKEN_FILE: '/nowhere/token' })).toThrow(
    /TOKEN_FILE: cannot be read/,
  )
})
