import { expect, test } from 'vitest'
import { createWakeUp } from '../../../src/runtime/wake-up.ts'

const never = new AbortController().signal

test('a wake that came before the wait ends it at once, and only that one', async () => {
  const wakeUp = createWakeUp()
  wakeUp.wake()
  wakeUp.wake()
  await wakeUp.wait(never)
  let hasEnded = false
  const second = wakeUp.wait(never).then(() => {
    hasEnded = true
  })
  await Promise.resolve()
  expect(hasEnded).toBe(false)
  wakeUp.wake()
  await second
})

test('the time that may pass ends it too', async () => {
  await createWakeUp().wait(never, 1)
})

test.each([{ when: 'before' }, { when: 'during' }])(
  'an abort $when the wait ends it',
  async ({ when }) => {
    const controller = new AbortController()
    if (when === 'before') controller.abort()
    const waiting = createWakeUp().wait(controller.signal)
    controller.abort()
    await waiting
  },
)
