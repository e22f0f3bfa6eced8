import { describe, expect, test } from 'vitest'
import { getRun, listRuns } from '../../../src/protocol/public-api.ts'
import { getTestPage, sendTestPage, type TestPage } from '../../../src/protocol/test-page-api.ts'
import { aRun, at } from '../../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES, freshDatabase } from '../../support/databases.ts'
import { startNtfy } from '../../support/message-services.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { anOnCall, aPhone } from '../../support/on-call.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const HOUR_MS = 3_600_000

async function sendWithPicture(coordinator: TestCoordinator, slotAt: number): Promise<string> {
  const run = aRun({
    slotAt,
    artifacts: [{ name: 'screenshot.png', mediaType: 'image/png', bytes: 4 }],
  })
  await coordinator.ingest([run])
  const path = `/runs/${run.runId}/artifacts/screenshot.png`
  const put = await coordinator.probeRequest(path, {
    method: 'PUT',
    body: 'abcd',
    headers: { 'content-type': 'image/png' },
  })
  expect(put.status).toBe(204)
  return run.runId
}

const picturesOf = async (coordinator: TestCoordinator, runId: string) =>
  (await coordinator.get(getRun, { runId })).artifactsStored

// What is too much goes when a coordinator starts, and then once a minute.
describe.each(DATABASES)('on %s', (kind) => {
  test('artifacts that take too much space go, the oldest first; their runs stay', async () => {
    const database = await freshDatabase(kind)
    const clock = movableClock(noon)
    const first = await startCoordinator({ database, clock })
    const old = await sendWithPicture(first, noon - 20_000)
    clock.advance(1_000)
    const recent = await sendWithPicture(first, noon - 10_000)
    await first.stop()

    const second = await startCoordinator({ database, clock, limits: { artifactBytesMax: 7 } })
    await until(
      'the older picture is gone',
      async () => (await picturesOf(second, old)).length === 0,
    )
    expect(await picturesOf(second, recent)).toEqual(['screenshot.png'])
  })

  test('artifacts and history that are too old go', async () => {
    const database = await freshDatabase(kind)
    const clock = movableClock(noon)
    const first = await startCoordinator({ database, clock })
    await sendWithPicture(first, noon - 10_000)
    await first.stop()

    clock.advance(2 * HOUR_MS)
    const second = await startCoordinator({
      database,
      clock,
      limits: { artifactsKeptMs: HOUR_MS, historyKeptMs: HOUR_MS },
    })
    const recent = aRun({ slotAt: clock.now() - 10_000 })
    await second.ingest([recent])
    await until('the old run is gone', async () => {
      const { data } = await second.get(listRuns)
      return data.length === 1 && data[0]?.runId === recent.runId
    })
  })

  test('test pages that are over long ago go', async () => {
    const database = await freshDatabase(kind)
    const clock = movableClock(noon)
    const phones = await startNtfy()
    const onCall = anOnCall({ 'first-responder': [aPhone('first', phones.url)] })
    const fleet = aFleet({ silentAfterMs: 86_400_000, onCall })
    const first = await startCoordinator({ database, clock, fleet })
    const sent = await first.post(sendTestPage, { personId: 'first-responder' }, { by: 'reporter' })
    const { testId } = sent.answer as unknown as TestPage
    await until('it has arrived', async () => {
      const { contacts } = await first.get(getTestPage, { testId })
      return contacts.every(({ state }) => state === 'delivered')
    })
    await first.stop()

    clock.advance(2 * HOUR_MS)
    const limits = { historyKeptMs: HOUR_MS }
    const second = await startCoordinator({ database, clock, fleet, limits })
    await until('nobody knows of it', () =>
      second.get(getTestPage, { testId }).then(
        () => false,
        (error: unknown) => String(error).includes('person.unknown'),
      ),
    )
  })
})
