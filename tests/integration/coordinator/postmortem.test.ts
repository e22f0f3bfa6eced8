import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  addActionItem,
  changeActionItem,
  exportPostmortem,
  getIncidentTimes,
  getPostmortem,
  listActionItems,
  listPostmortemRevisions,
  listPostmortems,
  movePostmortem,
  restorePostmortem,
  savePostmortem,
} from '../../../src/protocol/postmortem-api.ts'
import {
  declareIncident,
  getIncident,
  INCIDENT_COMMANDS,
  reportProblem,
  urlFor,
} from '../../../src/protocol/public-api.ts'
import { at } from '../../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES } from '../../support/databases.ts'
import { type MovableClock, movableClock } from '../../support/movable-clock.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const incidentId = 'INC-1'
const params = { incidentId }
const CLI = join(import.meta.dirname, '../../../src/cli/main.ts')

const start = (database: (typeof DATABASES)[number], clock: MovableClock) =>
  startCoordinator({
    database,
    clock,
    fleet: aFleet({ silentAfterMs: 365 * 24 * HOUR, checks: [] }),
  })

const give = (coordinator: TestCoordinator, name: keyof typeof INCIDENT_COMMANDS, body: object) =>
  coordinator.post(INCIDENT_COMMANDS[name], params, { by: 'ada', commandId: randomUUID(), ...body })

/** Declared at noon as of ten minutes before, over twenty minutes later, restored after that. */
async function restore(coordinator: TestCoordinator, clock: MovableClock) {
  await coordinator.post(
    declareIncident,
    {},
    {
      ...{ by: 'ada', serviceId: 'storefront', title: 'Nobody can pay', severity: 'SEV-1' },
      ...{ reason: 'twelve calls', occurredAt: noon - 10 * MINUTE },
    },
  )
  await give(coordinator, 'acknowledge', {})
  await give(coordinator, 'mitigate', { kind: 'rollback', what: 'back to 811' })
  clock.advance(20 * MINUTE)
  await give(coordinator, 'mitigated', { note: 'payments go through' })
  clock.advance(5 * MINUTE)
  await give(coordinator, 'override-gate', { reason: 'no check watches it' })
}

describe.each(DATABASES)('on %s', (database) => {
  test('an earlier revision comes back as a new one, and what it replaces is kept', async () => {
    const clock = movableClock(noon)
    const coordinator = await start(database, clock)
    await restore(coordinator, clock)
    const { body: draft } = await coordinator.get(getPostmortem, params)
    const written = { ...draft, summary: 'What ada wrote.' }
    await coordinator.post(savePostmortem, params, { by: 'ada', revision: 1, body: written })
    const back = (revision: number, from: number) =>
      coordinator.post(restorePostmortem, params, { by: 'ada', revision, from })
    expect((await back(1, 1)).answer.code).toBe('postmortem.conflict')
    expect((await back(2, 9)).answer.code).toBe('postmortem.unknown')
    expect((await back(2, 1)).answer).toMatchObject({ revision: 3, body: draft })
    // Within the same minutes and by the same person, and yet each of them stays.
    await coordinator.post(savePostmortem, params, { by: 'ada', revision: 3, body: written })
    const { data } = await coordinator.get(listPostmortemRevisions, params)
    expect(
      data.map(({ revision, restoredFrom, body }) => [revision, restoredFrom, body.summary]),
    ).toEqual([
      [4, undefined, 'What ada wrote.'],
      [3, 1, draft.summary],
      [2, undefined, 'What ada wrote.'],
      [1, undefined, draft.summary],
    ])
    await give(coordinator, 'resolve', { as: 'risk_accepted', reason: 'it is rare' })
    for (const to of ['in_review', 'reviewed'])
      await coordinator.post(movePostmortem, params, { by: 'ada', to })
    await give(coordinator, 'close', {})
    expect((await back(4, 1)).answer.code).toBe('postmortem.closed')
  })

  test('a review is drafted with the restoration, edited without losing a word, and closed', async () => {
    const clock = movableClock(noon)
    const coordinator = await start(database, clock)
    expect((await coordinator.post(savePostmortem, params, {})).status).toBe(400)
    await restore(coordinator, clock)

    const draft = await coordinator.get(getPostmortem, params)
    expect(draft).toMatchObject({
      state: 'draft',
      dueAt: clock.now() + 48 * HOUR,
      revision: 1,
      updatedBy: 'Firewatch',
      body: { summary: expect.stringContaining('customers had it for {{impact_duration}}') },
    })
    const figure = (name: string) => draft.figures.find((one) => one.name === name)
    expect(figure('impact_duration')).toMatchObject({ value: '30 min' })
    expect(figure('time_to_detect')).toMatchObject({ value: '10 min' })
    expect(figure('time_to_restore')).toMatchObject({ value: '25 min', from: 'record' })
    expect(figure('time_to_acknowledge')).toMatchObject({
      value: null,
      because: 'nobody was paged',
    })
    expect((await coordinator.get(getIncident, params)).times?.durations.mttr.value).toBe(
      25 * MINUTE,
    )

    // Two people change the same revision: the second is refused, and both texts are still there.
    const write = (revision: number, by: string, change: object) =>
      coordinator.post(savePostmortem, params, {
        ...{ by, revision, body: { ...draft.body, ...change } },
      })
    const users = { value: '2,400', reason: 'counted in the access log', by: 'ada' }
    const first = await write(1, 'ada', {
      wentWell: 'We said it soon.',
      figures: { users_affected: users },
    })
    expect(first.answer).toMatchObject({ revision: 2, updatedBy: 'ada' })
    const second = await write(1, 'grace', { wentWell: 'Something else.' })
    expect(second).toMatchObject({
      status: 409,
      answer: {
        code: 'postmortem.conflict',
        detail: 'ada saved revision 2, and what you changed is 1',
      },
    })
    const kept = await coordinator.get(getPostmortem, params)
    expect(kept.body.wentWell).toBe('We said it soon.')
    await Promise.all([write(2, 'ada', { impact: 'a' }), write(2, 'grace', { impact: 'g' })])
    expect((await coordinator.get(getPostmortem, params)).revision).toBe(3)

    clock.advance(10 * MINUTE)
    await write(3, 'ada', {
      summary: 'ada forgot to watch the disk for 23 minutes.',
      figures: { users_affected: users },
    })
    const { data: revisions } = await coordinator.get(listPostmortemRevisions, params)
    expect(revisions.map(({ revision }) => revision)).toEqual([
      4,
      3,
      ...(revisions.length === 4 ? [2] : []),
      1,
    ])
    expect(revisions.at(-1)?.body).toEqual(draft.body)
    const { advice } = await coordinator.get(getPostmortem, params)
    expect(advice.map(({ words }) => words)).toEqual(['forgot to', 'ada forgot', '23 minutes'])

    for (const to of ['in_review', 'reviewed'])
      expect((await coordinator.post(movePostmortem, params, { by: 'grace', to })).status).toBe(200)
    expect(
      await coordinator.post(movePostmortem, params, { by: 'grace', to: 'reviewed' }),
    ).toMatchObject({ status: 409, answer: { code: 'incident.no_change' } })
    await give(coordinator, 'resolve', { as: 'risk_accepted', reason: 'it is rare' })
    expect((await give(coordinator, 'close', {})).answer.incident.postmortem?.state).toBe('closed')
    expect((await write(4, 'ada', {})).answer.code).toBe('postmortem.closed')
    expect((await coordinator.get(listPostmortems)).data).toEqual([])
  })

  test('what users found and no check did is something to do', async () => {
    const clock = movableClock(noon)
    const coordinator = await start(database, clock)
    await coordinator.post(reportProblem, {}, { serviceId: 'storefront', text: 'I cannot pay' })
    clock.advance(MINUTE)
    await restore(coordinator, clock)
    const { actionItems, body } = await coordinator.get(getPostmortem, params)
    expect(actionItems).toMatchObject([
      { type: 'detect', owner: 'ada', createdBy: 'Firewatch', incidentId },
    ])
    expect(body.wentBadly).toContain('Users told of it, and nothing that watches ever found it.')
  })

  test('what is to be done has an owner and a date, and is overdue after it', async () => {
    const clock = movableClock(noon)
    const coordinator = await start(database, clock)
    await restore(coordinator, clock)
    const add = (title: string, dueAt: number, more: object = { owner: 'grace' }) =>
      coordinator.post(addActionItem, params, {
        ...{ by: 'ada', title, dueAt, priority: 'P1', type: 'prevent', ...more },
      })
    expect((await add('x', noon, {})).status).toBe(400)
    await add('Alert on the disk above 80 %', clock.now() + 24 * HOUR)
    await add('Write the checklist', clock.now() + HOUR, { owner: 'ada', ticket: 'OPS-12' })
    const list = async (state: string) =>
      (await coordinator.get(listActionItems, {}, { state })).data.map(({ id }) => id)
    expect(await list('open')).toEqual(['AI-2', 'AI-1'])
    clock.advance(2 * HOUR)
    expect(await list('overdue')).toEqual(['AI-2'])
    const done = await coordinator.post(
      changeActionItem,
      { itemId: 'AI-2' },
      { by: 'ada', isDone: true, proof: 'check disk-space' },
    )
    expect(done.answer).toMatchObject({ done: { by: 'ada', proof: 'check disk-space' } })
    expect(await list('overdue')).toEqual([])
    expect(await list('done')).toEqual(['AI-2'])
    const unknown = await coordinator.post(changeActionItem, { itemId: 'AI-9' }, { by: 'ada' })
    expect(unknown.answer.code).toBe('action_item.unknown')
    const { actionItems } = await coordinator.get(getPostmortem, params)
    expect(actionItems.map(({ id, ticket }) => [id, ticket])).toEqual([
      ['AI-1', undefined],
      ['AI-2', 'OPS-12'],
    ])
  })

  test('medians count only the incidents that know a time, and say how many', async () => {
    const clock = movableClock(noon)
    const coordinator = await start(database, clock)
    await restore(coordinator, clock)
    await coordinator.post(
      declareIncident,
      {},
      { by: 'ada', serviceId: 'storefront', title: 't', severity: 'SEV-3', reason: 'r' },
    )
    clock.advance(MINUTE)
    const answer = await coordinator.get(getIncidentTimes, {}, { since: -7 * 24 * HOUR, parts: 7 })
    expect(answer.whole).toMatchObject({
      incidents: 2,
      times: {
        mttd: { count: 1, medianMs: 10 * MINUTE, p90Ms: 10 * MINUTE },
        mtta: { count: 0, medianMs: null, p90Ms: null },
        mttr: { count: 1, medianMs: 25 * MINUTE, p90Ms: 25 * MINUTE },
      },
    })
    expect(answer.parts.map(({ incidents }) => incidents)).toEqual([0, 0, 0, 0, 0, 0, 2])
  })
})

test('the documents say what the record says, and no markup of others has an effect', async () => {
  const clock = movableClock(noon)
  const coordinator = await start('sqlite', clock)
  await restore(coordinator, clock)
  await give(coordinator, 'note', { text: '<script>x</script> | **bold** [a](http://evil)' })
  const { body } = await coordinator.get(getPostmortem, params)
  const why = {
    question: 'Why could nobody pay?',
    answers: [
      {
        answer: 'The disk of the database was full',
        evidence: [{ label: 'the run', link: '/runs/1' }],
        whys: [
          { answer: 'A backup wrote to the local disk', evidence: [], whys: [] },
          { answer: 'Nothing looked at the disk', evidence: [], whys: [] },
        ],
      },
    ],
  }
  await coordinator.post(savePostmortem, params, { by: 'ada', revision: 1, body: { ...body, why } })
  const file = join(await tempFolder(), 'p.pdf')
  const run = (...args: string[]) =>
    promisify(execFile)(
      process.execPath,
      [CLI, 'postmortem', ...args, '--coordinator', coordinator.address],
      { env: { ...process.env, FIREWATCH_USER: 'ada' } },
    )
  const { stdout: markdown } = await run('export', '1')
  expect(markdown).toContain('customers had it for 30 min.')
  expect(markdown).not.toMatch(/\{\{|undefined|null/)
  expect(markdown).toContain('  * Why? A backup wrote to the local disk\n  * Why? Nothing looked')
  expect(markdown).toContain('\\<script\\>x\\</script\\> \\| \\*\\*bold\\*\\* \\[a\\](http://evil)')
  const headings = [...markdown.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
  expect(headings).toEqual([
    'Summary',
    'Impact',
    'Timeline',
    'Root cause analysis',
    'Action items',
    'What went well',
    'What went badly',
  ])

  await run('export', '1', '--output', file)
  const pdf = await readFile(file)
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
  expect(pdf.length).toBeGreaterThan(10_000)
  const response = await fetch(
    coordinator.address + urlFor(exportPostmortem, params, { format: 'pdf' }),
  )
  expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")

  const added = await run(
    'action',
    'add',
    '1',
    'Look at',
    'the disk',
    '--owner',
    'grace',
    '--due',
    '14d',
  )
  expect(added.stdout).toMatch(/^AI-1 .*P2 .*prevent .*grace {2}Look at the disk {2}\(INC-1\)\n$/)
  expect((await run('action', 'list')).stdout).toContain('AI-1')
  expect((await run('list')).stdout).toMatch(/INC-1 .*SEV-1 .*draft .*Nobody can pay/)
})
