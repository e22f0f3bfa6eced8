import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CheckDefinition } from '../../../../src/protocol/check.ts'
import { dueSlots } from '../../../../src/protocol/schedule.ts'
import { aCheck } from '../../../support/builders.ts'
import {
  type CoordinatorTarget,
  startCoordinatorTarget,
} from '../../../support/coordinator-target.ts'
import { startPage, startProbe } from '../../../support/probe.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { until } from '../../../support/until.ts'

/** So rarely that no slot comes due during a test, except by chance. */
const aRareCheck = (url: string, overrides: Partial<CheckDefinition> = {}) =>
  aCheck('http', {
    url,
    regions: ['eu-west'],
    schedule: { kind: 'interval', everyMs: 3_600_000 },
    expectations: [{ level: 'must', subject: 'status', matcher: { equals: 200 } }],
    ...overrides,
  } as never)

async function aProbe(answers: 'now' | 'not at first' = 'now') {
  const [target, page] = [await startCoordinatorTarget(), await startPage()]
  const check = aRareCheck(page.url)
  target.assign([check])
  if (answers === 'not at first')
    target.misbehave((operation, count) =>
      // As an older coordinator does, which does not know of commands.
      operation === 'commands' && count <= 2 ? { status: 404 } : undefined,
    )
  const folder = await tempFolder()
  const { metrics } = await startProbe(target.url, folder)
  // It is kept on disk once it is taken over.
  await until('it is assigned', () => existsSync(join(folder, 'probe', 'assignment.json')))
  return { target, page, check, metrics }
}

const aCommand = (target: CoordinatorTarget, overrides: Record<string, unknown> = {}) => ({
  kind: 'run-now',
  commandId: randomUUID(),
  reason: 'confirmation',
  checkId: 'shop-home',
  notAfter: target.now() + 2_000,
  ...overrides,
})

const answersTo = (target: CoordinatorTarget, commandId: string) =>
  [...target.runs.values()].filter(({ command }) => command?.commandId === commandId)

test('a check runs at once when the coordinator says so, off its grid, whatever the clocks say', async () => {
  const { target, page, check, metrics } = await aProbe()
  page.status = 503
  target.setClockAhead(-600_000)
  const command = aCommand(target)
  const askedAt = Date.now()
  target.command(command)
  const [run] = await until('it has answered', () => {
    const answers = answersTo(target, command.commandId)
    return answers.length > 0 && answers
  })
  expect(run).toMatchObject({
    verdict: 'failed',
    command: { commandId: command.commandId, reason: 'confirmation' },
    phases: expect.not.arrayContaining([expect.objectContaining({ name: 'queue' })]),
  })
  const { slotAt = 0, startedAt = 0 } = run ?? {}
  expect(dueSlots(check, 'eu-west', slotAt - 1, slotAt)).toEqual([])
  expect(startedAt - askedAt).toBeLessThan(2_000)

  // Again over the next request, which the probe has opened meanwhile.
  const next = aCommand(target, { reason: 'a reason of next year' })
  target.command(next)
  const [second] = await until('it has answered again', () => {
    const answers = answersTo(target, next.commandId)
    return answers.length > 0 && answers
  })
  expect(second?.command?.reason).toBe('other')
  expect(await metrics()).toMatch(/synthetics_commands_received_total\{[^}]*outcome="started"/)
})

test('what it does not know, cannot run or gets too late it lets be, and goes on listening', async () => {
  const { target, page, metrics } = await aProbe()
  const good = aCommand(target)
  target.command(
    { kind: 'sing' },
    aCommand(target, { checkId: 'of-another-region' }),
    aCommand(target, { notAfter: target.now() - 1 }),
    'nonsense',
    good,
  )
  await until('the good one is answered', () => answersTo(target, good.commandId).length > 0)
  expect(target.runs.size).toBe(1)
  expect(page.requests).toHaveLength(1)
  expect(await metrics()).toMatch(/outcome="unknown_check"/)
})

test('a check that is being run by command is not run a second time', async () => {
  const { target, page, metrics } = await aProbe()
  page.isHeld = true
  target.command(aCommand(target))
  await until('it runs', () => page.requests.length === 1)
  target.command(aCommand(target))
  await until('the second one is let be', async () =>
    (await metrics()).includes('outcome="running"'),
  )
  expect(page.requests).toHaveLength(1)
})

test('a coordinator that is too old for commands is asked again, and meanwhile nothing else suffers', async () => {
  const { target } = await aProbe('not at first')
  const command = aCommand(target, { notAfter: target.now() + 60_000 })
  target.command(command)
  await until('it is answered', () => answersTo(target, command.commandId).length > 0, {
    withinMs: 15_000,
  })
  expect(
    target.requests.filter(({ operation }) => operation === 'commands').length,
  ).toBeGreaterThan(2)
})
