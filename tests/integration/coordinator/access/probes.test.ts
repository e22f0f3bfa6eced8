import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { enrolRegion, listTokens, revokeToken } from '../../../../src/protocol/people-api.ts'
import { type Enrol, PROBE_API_PREFIX } from '../../../../src/protocol/probe-api.ts'
import { listProbes } from '../../../../src/protocol/public-api.ts'
import { aCheck, aRun } from '../../../support/builders.ts'
import { aFleet, aHeartbeat, startCoordinator } from '../../../support/coordinator.ts'
import { DATABASES } from '../../../support/databases.ts'
import { movableClock } from '../../../support/movable-clock.ts'
import { enrolledProbe, firstAdmin } from '../../../support/people.ts'
import { startProbe } from '../../../support/probe.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { until } from '../../../support/until.ts'

const HOUR_MS = 3_600_000
const HASH = 'a'.repeat(64)
const OTHER_HASH = 'b'.repeat(64)

async function start(database: 'sqlite' | 'postgres' = 'sqlite') {
  const clock = movableClock(Date.now())
  const fleet = aFleet({
    checks: [
      aCheck('http', { id: 'everywhere' }),
      aCheck('http', { id: 'only-us', regions: ['us-east'] }),
    ],
  })
  const coordinator = await startCoordinator({
    database,
    clock,
    fleet,
    access: { signIn: 'required', probeToken: undefined },
  })
  const admin = await firstAdmin(coordinator)
  const { address } = coordinator
  const ask = async (path: string, secret: string, body?: unknown) => {
    const response = await fetch(address + PROBE_API_PREFIX + path, {
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      headers: {
        authorization: `Bearer ${secret}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
    })
    const answer = (await response.json()) as { code?: string; rejected?: { reason: string }[] }
    return { status: response.status, ...answer }
  }
  const enrol = (request: Enrol) => ask('/enrol', '', request)
  const enrolment = async (body: { regionId: string; probeId?: string; forMs?: number }) =>
    (await admin.ask(enrolRegion, { body: { forMs: HOUR_MS, ...body } })).body.secret
  return { clock, address, admin, ask, enrol, enrolment }
}

test.each(DATABASES)(
  'on %s, an enrolment is good once, and again only for the same secret',
  async (database) => {
    const { enrol, enrolment } = await start(database)
    const token = await enrolment({ regionId: 'eu-west' })
    const request = { token, probeId: 'eu-west-1', secretHash: HASH }
    // Two at once, as after an answer that came late: it is one enrolment.
    const [first] = await Promise.all([enrol(request)])
    expect(first).toMatchObject({ status: 200, regionId: 'eu-west', probeId: 'eu-west-1' })
    expect(await enrol(request)).toMatchObject({ status: 200, regionId: 'eu-west' })
    const thief = { ...request, secretHash: OTHER_HASH }
    expect(await enrol(thief)).toMatchObject({ status: 401, code: 'enrolment.refused' })
  },
)

test('an enrolment that is too old, for another probe or takes a name elsewhere is refused', async () => {
  const { clock, admin, address, enrol, enrolment } = await start()
  const old = await enrolment({ regionId: 'eu-west' })
  clock.advance(HOUR_MS)
  const refused = { status: 401, code: 'enrolment.refused' }
  expect(await enrol({ token: old, probeId: 'p', secretHash: HASH })).toMatchObject(refused)
  const bound = await enrolment({ regionId: 'eu-west', probeId: 'eu-west-7' })
  expect(await enrol({ token: bound, probeId: 'p', secretHash: HASH })).toMatchObject(refused)
  await enrolledProbe(address, admin, { regionId: 'us-east', probeId: 'us-east-1' })
  const here = await enrolment({ regionId: 'eu-west' })
  expect(await enrol({ token: here, probeId: 'us-east-1', secretHash: HASH })).toMatchObject(
    refused,
  )
  expect(await enrol({ token: 'fwe_none', probeId: 'p', secretHash: HASH })).toMatchObject(refused)
})

test('a probe speaks for its region, its name and its checks alone', async () => {
  const { clock, admin, address, ask } = await start()
  const { secret } = await enrolledProbe(address, admin, {
    regionId: 'eu-west',
    probeId: 'eu-west-1',
  })
  const outside = { status: 403, code: 'probe.out_of_scope' }
  expect((await ask('/assignment?region=eu-west', secret)).status).toBe(200)
  expect(await ask('/assignment?region=us-east', secret)).toMatchObject(outside)
  expect(await ask('/commands?region=us-east', secret)).toMatchObject(outside)
  const beat = aHeartbeat('eu-west', clock.now())
  expect((await ask('/heartbeat', secret, beat)).status).toBe(200)
  expect(await ask('/heartbeat', secret, { ...beat, probeId: 'eu-west-2' })).toMatchObject(outside)
  expect(await ask('/heartbeat', secret, aHeartbeat('us-east', clock.now()))).toMatchObject(outside)

  const run = (overrides: object) =>
    aRun({ checkId: 'everywhere', regionId: 'eu-west', probeId: 'eu-west-1', ...overrides })
  const batch = (...runs: unknown[]) => ({ probeId: 'eu-west-1', regionId: 'eu-west', runs })
  const sent = await ask(
    '/runs',
    secret,
    batch(run({}), run({ checkId: 'only-us' }), run({ probeId: 'eu-west-2' })),
  )
  expect(sent).toMatchObject({ status: 200, stored: [expect.any(String)] })
  expect(sent.rejected?.map(({ reason }) => reason)).toEqual([
    'checkId: only-us is not of eu-west',
    'probeId: the batch is of eu-west-1',
  ])
  const other = { ...batch(run({})), regionId: 'us-east' }
  expect(await ask('/runs', secret, other)).toMatchObject(outside)
})

test('files of a run are taken from the probe that ran it alone', async () => {
  const { admin, address, ask } = await start()
  const [own, other] = await Promise.all(
    ['eu-west', 'us-east'].map((regionId) =>
      enrolledProbe(address, admin, { regionId, probeId: `${regionId}-1` }),
    ),
  )
  const run = aRun({
    checkId: 'everywhere',
    regionId: 'eu-west',
    probeId: 'eu-west-1',
    verdict: 'failed',
    artifacts: [{ name: 'body.txt', mediaType: 'text/plain', bytes: 3 }],
  })
  await ask('/runs', own?.secret ?? '', { probeId: 'eu-west-1', regionId: 'eu-west', runs: [run] })
  const put = async (secret = '') => {
    const path = `${PROBE_API_PREFIX}/runs/${run.runId}/artifacts/body.txt`
    const headers = { authorization: `Bearer ${secret}`, 'content-type': 'text/plain' }
    return (await fetch(address + path, { method: 'PUT', body: 'abc', headers })).status
  }
  expect(await put(other?.secret)).toBe(404)
  expect(await put(own?.secret)).toBe(204)
})

test('a real probe enrols itself, keeps its credential, and is out when it is revoked', async () => {
  const { admin, address, enrolment } = await start()
  const folder = await tempFolder()
  const token = await enrolment({ regionId: 'eu-west' })
  const environment = { FIREWATCH_PROBE_TOKEN: undefined, FIREWATCH_ENROLMENT_TOKEN: token }
  const seen = async () => (await admin.ask(listProbes)).body.data.map(({ probeId }) => probeId)
  const probe = await startProbe(address, folder, environment)
  await until('the probe reports', async () => (await seen()).includes('eu-west-1'), {
    withinMs: 20_000,
  })
  const file = join(folder, 'probe', 'credential.json')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await probe.stop()

  // The enrolment is used up; what is in its folder counts.
  const again = await startProbe(address, folder, environment)
  const tokens = await admin.ask(listTokens, { query: { kind: 'probe' } })
  expect(tokens.body.data).toHaveLength(1)
  await admin.ask(revokeToken, { params: { tokenId: tokens.body.data[0]?.id ?? '' } })
  await until(
    'the probe is turned away',
    async () => /uplink_failures_total\{[^}]*error_type="401"/.test(await again.metrics()),
    { withinMs: 20_000 },
  )
})

test('a probe that has nothing to show says what it needs', async () => {
  const environment = { FIREWATCH_PROBE_TOKEN: undefined }
  await expect(
    startProbe('http://127.0.0.1:9', await tempFolder(), environment),
  ).rejects.toMatchObject({
    code: 'environment.invalid',
    message: expect.stringContaining('firewatch token enrol'),
  })
})
