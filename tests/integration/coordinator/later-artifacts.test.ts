import { describe, expect, test } from 'vitest'
import { ARTIFACT_BYTES_MAX } from '../../../src/protocol/probe-api.ts'
import { getArtifact, getRun, urlFor } from '../../../src/protocol/public-api.ts'
import { aRun, at } from '../../support/builders.ts'
import { startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES } from '../../support/databases.ts'
import { movableClock } from '../../support/movable-clock.ts'

const clock = () => movableClock(at('2026-03-13T14:46:30Z'))

const put = (
  coordinator: TestCoordinator,
  runId: string,
  name: string,
  body: string | Uint8Array<ArrayBuffer> = 'abcdef',
) =>
  coordinator.probeRequest(`/runs/${runId}/artifacts/${name}`, {
    method: 'PUT',
    body,
    headers: { 'content-type': 'application/octet-stream' },
  })

const fetchFile = (coordinator: TestCoordinator, runId: string, name: string, range?: string) =>
  fetch(coordinator.address + urlFor(getArtifact, { runId, name }), {
    headers: range === undefined ? {} : { range },
  })

describe.each(DATABASES)('on %s', (database) => {
  test('exactly the files that a run announced by name may come after it, of any size in bounds', async () => {
    const coordinator = await startCoordinator({ database, clock: clock() })
    const run = aRun({ laterArtifacts: ['trace.zip', 'video.webm', 'step-01.png', 'other.bin'] })
    expect((await put(coordinator, run.runId, 'trace.zip')).status).toBe(404)
    await coordinator.ingest([run])

    expect((await put(coordinator, run.runId, 'network.har')).status).toBe(409)
    expect((await put(coordinator, run.runId, 'other.bin')).status).toBe(409)
    expect((await put(coordinator, run.runId, 'video.webm', '')).status).toBe(409)
    const tooLarge = await put(
      coordinator,
      run.runId,
      'video.webm',
      new Uint8Array(ARTIFACT_BYTES_MAX + 1),
    )
    expect(tooLarge.status).toBe(409)
    expect((await put(coordinator, run.runId, 'trace.zip')).status).toBe(204)
    expect((await put(coordinator, run.runId, 'step-01.png', 'png')).status).toBe(204)

    const { artifactsStored, laterArtifactsStored } = await coordinator.get(getRun, {
      runId: run.runId,
    })
    expect(artifactsStored.toSorted()).toEqual(['step-01.png', 'trace.zip'])
    expect(laterArtifactsStored.toSorted((a, b) => a.bytes - b.bytes)).toEqual([
      { name: 'step-01.png', mediaType: 'image/png', bytes: 3 },
      { name: 'trace.zip', mediaType: 'application/zip', bytes: 6 },
    ])
  })
})

test('a video can be sought in; HAR and DOM are downloads only', async () => {
  const coordinator = await startCoordinator({ database: 'sqlite', clock: clock() })
  const names = ['video.webm', 'network.har', 'page.html']
  const run = aRun({ laterArtifacts: names })
  await coordinator.ingest([run])
  for (const name of names) expect((await put(coordinator, run.runId, name)).status).toBe(204)

  const part = await fetchFile(coordinator, run.runId, 'video.webm', 'bytes=2-3')
  expect(part.status).toBe(206)
  expect(part.headers.get('content-range')).toBe('bytes 2-3/6')
  expect(part.headers.get('content-type')).toBe('video/webm')
  expect(await part.text()).toBe('cd')
  expect(await (await fetchFile(coordinator, run.runId, 'video.webm', 'bytes=4-')).text()).toBe(
    'ef',
  )
  const beyond = await fetchFile(coordinator, run.runId, 'video.webm', 'bytes=9-')
  expect([beyond.status, await beyond.text()]).toEqual([200, 'abcdef'])
  for (const name of ['network.har', 'page.html']) {
    const file = await fetchFile(coordinator, run.runId, name)
    expect(file.headers.get('content-disposition')).toBe(`attachment; filename="${name}"`)
    expect(file.headers.get('content-type')).toBe('application/octet-stream')
    await file.text()
  }
})
