import { expect, test } from 'vitest'
import { secretsOf } from '../../../../src/probe/checks/template-values.ts'
import { fillHeaders, fillUrl } from '../../../../src/probe/network/fill-template.ts'

const secret = (name: string) => ({ TICKET: 'a b', OTHER: 'other', BROKEN: 'a\r\nx: y' })[name]
const secrets = secretsOf({ secrets: ['TICKET', 'BROKEN', 'NONE'] }, { secret })

test('only what a check declares is a secret; the rest stays as it was written', () => {
  expect(fillHeaders({ 'X-Key': '{{TICKET}} {{OTHER}} {{name}}' }, secrets)).toEqual({
    'X-Key': 'a b {{OTHER}} {{name}}',
  })
  expect(fillUrl('wss://shop.test/live?ticket={{TICKET}}', secrets).href).toBe(
    'wss://shop.test/live?ticket=a%20b',
  )
})

test.each(['{{BROKEN}}', '{{NONE}}'])('%s is the fault of the probe', (text) => {
  expect(() => fillHeaders({ 'x-key': text }, secrets)).toThrow(
    expect.objectContaining({ type: 'probe.secret_missing' }),
  )
})
